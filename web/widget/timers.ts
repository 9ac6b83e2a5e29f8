// Timers by name: setting one again replaces it.

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
