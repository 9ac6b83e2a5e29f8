// How much of a long conversation is drawn: from the newest, a few more each frame, so that no frame waits for all.

import type { Entry } from './conversation';

const AT_ONCE = 10;

export class Drawn {
  private first = ''; // the key of the oldest one drawn

  /** The place of the oldest entry to draw. */
  from(entries: readonly Entry[]): number {
    const known = entries.findIndex((entry) => entry.key === this.first);
    if (known >= 0) return known;
    return this.startAt(entries, Math.max(0, entries.length - AT_ONCE));
  }

  more(entries: readonly Entry[]): void {
    this.startAt(entries, Math.max(0, this.from(entries) - AT_ONCE));
  }

  private startAt(entries: readonly Entry[], place: number): number {
    this.first = entries[place]?.key ?? '';
    return place;
  }
}
