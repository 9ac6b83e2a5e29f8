// How the window sits on the screen: on a phone it fills it, or what the keyboard leaves of it.

export function fillsScreen(): boolean {
  return matchMedia('(max-width: 640px), (max-height: 480px)').matches;
}

export function fit(root: ParentNode): void {
  const { visualViewport: seen } = window;
  const style = root.querySelector<HTMLElement>('.window')?.style;
  if (!seen || !style) return;
  style.height = fillsScreen() ? `${seen.height}px` : '';
  style.top = fillsScreen() ? `${seen.offsetTop}px` : '';
}

/** Tab stays in a window that fills the screen: nothing else can be seen. */
export function trap(event: KeyboardEvent, root: ShadowRoot): void {
  if (event.key !== 'Tab' || !fillsScreen()) return;
  const reachable = [...root.querySelectorAll<HTMLElement>('button, a, textarea, input, [tabindex="0"]')];
  const usable = reachable.filter((one) => !one.hasAttribute('disabled') && one.offsetParent !== null);
  const [first, last] = [usable[0], usable[usable.length - 1]];
  if (event.shiftKey ? root.activeElement !== first : root.activeElement !== last) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
