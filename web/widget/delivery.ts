// What a person has written is sent one message at a time, under its own id, until it is accepted or refused.

import type { Outbox, Unsent } from './outbox';
import { Timers } from './timers';

const ACK_WAIT = 8000; // a gateway's own error frame names no message, so silence is the sign
const FIRST_PAUSE = 1000;
const MOST_SILENCES = 6; // then the message is given back

export interface Way {
  /** False when there is no session to send it in. */
  send(message: Unsent): boolean;
  /** Nothing comes through any more. */
  broken(): void;
  givenBack(clientMessageId: string): void;
}

export class Delivery {
  private flying: Unsent | undefined;
  private silences = 0;
  private readonly timers = new Timers();

  constructor(
    private readonly outbox: Outbox,
    private readonly way: Way,
  ) {}

  /** Send the oldest message, unless one is on its way. */
  next(): void {
    const { first } = this.outbox;
    if (this.flying || !first || !this.way.send(first)) return;
    this.flying = first;
    this.timers.set('ack', ACK_WAIT, () => this.unanswered());
  }

  /** Whether an error is about the message on its way; one that names none is. */
  concerns(clientMessageId: string | undefined): boolean {
    return this.flying !== undefined && (!clientMessageId || clientMessageId === this.flying.clientMessageId);
  }

  /** A message has been accepted, or refused for good; true when it was the one on its way. */
  settle(clientMessageId: string | undefined): boolean {
    if (!clientMessageId) return false;
    this.outbox.remove(clientMessageId);
    if (this.flying?.clientMessageId !== clientMessageId) return false;
    this.silences = 0;
    this.interrupt();
    return true;
  }

  /** The connection or the session is gone; what was on its way is sent in the next. */
  interrupt(): void {
    this.flying = undefined;
    this.timers.clear('ack', 'hold');
  }

  /** It was refused for now. Gives the milliseconds until it is sent again. */
  postpone(code: string, retryAfter = 0): number {
    const wait = retryAfter ? retryAfter * 1000 : FIRST_PAUSE * 2 ** this.silences;
    if (code !== 'rate_limited') this.silences += 1;
    if (!this.gaveUp()) this.again(wait);
    return wait;
  }

  private unanswered(): void {
    this.silences += 1;
    if (this.silences % 2) this.again(0);
    else if (!this.gaveUp()) this.way.broken();
  }

  private gaveUp(): boolean {
    if (this.silences < MOST_SILENCES || !this.flying) return false;
    const { clientMessageId } = this.flying;
    this.settle(clientMessageId);
    this.way.givenBack(clientMessageId);
    this.next();
    return true;
  }

  private again(wait: number): void {
    this.timers.clear('ack');
    this.timers.set('hold', wait, () => {
      this.flying = undefined;
      this.next();
    });
  }
}
