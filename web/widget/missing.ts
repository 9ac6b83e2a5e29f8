// What the network has lost: a number that is missing, or the end of an answer, which leaves no gap but only silence.

import type { Frame } from './connection';
import { Sequence } from './sequence';
import { Timers } from './timers';

const GAP_WAIT = 1500; // frames may overtake each other by this much before one counts as lost
const SILENCE = 6000; // while a reply is due; then what may have been lost is asked for, and twice as late each time

export class Missing {
  private unheard = 0;
  private readonly sequence = new Sequence();
  private readonly timers = new Timers();

  /** `ask` asks for everything after `last`. */
  constructor(
    private readonly expecting: () => boolean,
    private readonly ask: () => void,
  ) {}

  /** Up to which number nothing is missing. */
  get last(): number {
    return this.sequence.last;
  }

  /** Another conversation. */
  reset(): void {
    this.sequence.reset();
  }

  /** A history has come: nothing in it or before it is missing. */
  whole(seqs: number[]): void {
    this.timers.clear('gap');
    this.sequence.whole(seqs);
  }

  heard(frame: Frame): void {
    this.unheard = 0;
    if (!('seq' in frame)) return;
    if (this.sequence.note(frame.seq)) this.timers.set('gap', GAP_WAIT, () => this.sequence.shouldAsk() && this.ask());
    else this.timers.clear('gap');
  }

  /** While a reply is due something must be heard. */
  listen(): void {
    this.timers.clear('silence');
    if (!this.expecting()) return;
    this.timers.set('silence', SILENCE * 2 ** this.unheard, () => {
      this.unheard += 1;
      this.ask();
    });
  }

  rest(): void {
    this.timers.clear('gap', 'silence');
  }
}
