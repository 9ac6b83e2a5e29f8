// How much of a long conversation is drawn: the newest, a few more each frame, so that no frame waits for all of them.
// What is older waits in memory until somebody asks for it.

import type { Entry } from './conversation';

const AT_ONCE = 4;
const ENOUGH = 250;
export const PAGE = 50;

export class Drawn {
  private first = ''; // the key of the oldest one drawn
  private wanted = ENOUGH;

  /** The place of the oldest entry to draw. */
  from(entries: readonly Entry[]): number {
    const known = entries.findIndex((entry) => entry.key === this.first);
    if (known >= 0) return known;
    return this.startAt(entries, entries.length - AT_ONCE);
  }

  /** Whether there are more to draw without anybody asking. */
  due(entries: readonly Entry[]): boolean {
    const from = this.from(entries);
    return from > 0 && entries.length - from < this.wanted;
  }

  /** Whether some wait to be asked for. */
  hides(entries: readonly Entry[]): boolean {
    return this.from(entries) > 0 && !this.due(entries);
  }

  more(entries: readonly Entry[]): void {
    if (this.due(entries)) this.startAt(entries, Math.max(this.from(entries) - AT_ONCE, entries.length - this.wanted));
  }

  /** Somebody goes up to read. */
  older(entries: readonly Entry[]): void {
    this.wanted = Math.max(ENOUGH, entries.length - this.from(entries) + PAGE);
  }

  /** Nobody reads what is far above. */
  trim(entries: readonly Entry[]): void {
    if (entries.length - this.from(entries) <= 2 * ENOUGH) return;
    this.wanted = ENOUGH;
    this.startAt(entries, entries.length - ENOUGH);
  }

  private startAt(entries: readonly Entry[], place: number): number {
    this.first = entries[Math.max(0, place)]?.key ?? '';
    return Math.max(0, place);
  }
}
