// Timers by name: setting one again replaces it. And the time after the next paint.

export class Timers {
  private readonly running = new Map<string, ReturnType<typeof setTimeout>>();

  set(name: string, wait: number, act: () => unknown): void {
    this.clear(name);
    this.running.set(name, setTimeout(act, wait));
  }

  clear(...names: string[]): void {
    for (const name of names) clearTimeout(this.running.get(name));
  }
}

/** Once what has changed is on the screen; at once where nobody sees it. */
export function afterPaint(act: () => unknown): void {
  if (document.hidden) act();
  else requestAnimationFrame(() => setTimeout(act));
}
