// Tells the other side that somebody writes: at the first letter, every few seconds while they go on, and when they stop.

import { Timers } from './timers';

const AGAIN = 4000;
const IDLE = 6000;

export class Typing {
  private told = 0;
  private readonly timers = new Timers();

  constructor(private readonly tell: (isTyping: boolean) => void) {}

  /** `text` is what stands in the field now. */
  wrote(text: string): void {
    if (!text.trim()) return this.rest();
    this.timers.set('idle', IDLE, () => this.rest());
    if (Date.now() - this.told < AGAIN) return;
    this.told = Date.now();
    this.tell(true);
  }

  rest(): void {
    this.timers.clear('idle');
    if (this.told) this.tell(false);
    this.told = 0;
  }
}
