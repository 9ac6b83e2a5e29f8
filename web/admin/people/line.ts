// The line to a live conversation: opens, watches, comes back by itself, and says what is written once. Shows nothing.

import type { Error as ErrorFrame, Incoming, Outgoing } from '../../shared/protocol';
import { pause } from '../../widget/backoff';
import { Delivery } from '../../widget/delivery';
import { Outbox } from '../../widget/outbox';
import { Timers } from '../../widget/timers';

const ANSWER_WAIT = 8000;
const KEEP_ALIVE = 240_000; // the gateway closes at 10 minutes of silence
const TRANSIENT = new Set(['rate_limited', 'unavailable', 'internal', 'capacity', 'no_session']);

/** `over`: there is nothing to watch any more, or not for this person; `code` says why. */
export type LineState = 'connecting' | 'open' | 'reconnecting' | 'over';
type Action<A extends Incoming['action']> = Omit<Extract<Incoming, { action: A }>, 'action'>;

export interface LineOptions {
  url: string;
  operatorToken: string;
  watch: string; // the conversation's id
  onFrame(frame: Outgoing): void;
  onState(state: LineState, code: string): void;
}

export class Line {
  private socket: WebSocket | undefined;
  private ready = false;
  private tries = 0;
  private readonly timers = new Timers();
  private readonly outbox = new Outbox({ get: () => '', set: () => undefined }); // a page that is left says nothing more
  private readonly delivery = new Delivery(this.outbox, {
    send: (message) => this.post('sendMessage', message),
    broken: () => this.lost(),
    givenBack: (clientMessageId) => this.refused(clientMessageId, ''),
  });

  constructor(private readonly options: LineOptions) {}

  open(): void {
    addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.connect();
  }

  close(): void {
    removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    this.hangUp();
  }

  /** Until it is accepted or refused, however often the connection breaks. */
  say(clientMessageId: string, content: string): void {
    this.outbox.add({ clientMessageId, content });
    this.delivery.next();
  }

  /** False when nobody would hear it. */
  post<A extends Incoming['action']>(action: A, fields: Action<A>): boolean {
    if (this.ready) this.write({ action, ...fields });
    return this.ready;
  }

  private readonly wake = (): void => {
    if (!this.socket && !document.hidden) this.connect();
  };

  private connect(): void {
    this.timers.clear('retry');
    this.options.onState(this.tries ? 'reconnecting' : 'connecting', '');
    const socket = new WebSocket(this.options.url);
    const { operatorToken, watch } = this.options;
    this.socket = socket;
    this.timers.set('answer', ANSWER_WAIT, () => this.lost());
    socket.onopen = () => this.write({ action: 'startSession', operatorToken, watch });
    socket.onmessage = ({ data }) => socket === this.socket && this.receive(parsed(data));
    socket.onclose = () => socket === this.socket && this.lost();
  }

  private hangUp(): void {
    const { socket } = this;
    this.socket = undefined;
    this.ready = false;
    this.delivery.interrupt();
    this.timers.clear('answer', 'retry', 'alive');
    socket?.close();
  }

  private lost(): void {
    this.hangUp();
    this.tries += 1;
    this.options.onState('reconnecting', '');
    this.timers.set('retry', pause(this.tries), () => this.connect());
  }

  private over(code: string): void {
    this.close();
    this.options.onState('over', code);
  }

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private receive(frame: Outgoing | undefined): void {
    if (!frame) return this.failed({ code: 'unavailable' }); // the gateway's own words
    if (frame.type === 'error') return this.failed(frame);
    if (frame.type === 'history' && !this.ready) this.watching(frame.messages.map((message) => message.clientMessageId));
    if ('clientMessageId' in frame) this.settle(frame.clientMessageId);
    this.options.onFrame(frame);
    if (frame.type === 'sessionEnded') this.over('conflict');
  }

  private watching(said: (string | undefined)[]): void {
    this.timers.clear('answer');
    this.tries = 0;
    this.ready = true;
    this.options.onState('open', '');
    for (const clientMessageId of said) this.settle(clientMessageId);
    this.stayAlive();
    this.delivery.next();
  }

  private stayAlive(): void {
    this.timers.set('alive', KEEP_ALIVE, () => {
      this.post('ping', {});
      this.stayAlive();
    });
  }

  private settle(clientMessageId: string | undefined): void {
    if (this.delivery.settle(clientMessageId)) this.delivery.next();
  }

  private failed({ code, clientMessageId, message = '', retryAfter }: Partial<ErrorFrame> & { code: string }): void {
    if (!this.ready) return TRANSIENT.has(code) ? this.lost() : this.over(code);
    if (code === 'no_session') return this.lost();
    if (this.delivery.concerns(clientMessageId) && TRANSIENT.has(code)) return void this.delivery.postpone(code, retryAfter);
    if (!clientMessageId) return;
    this.settle(clientMessageId);
    this.refused(clientMessageId, message);
  }

  private refused(clientMessageId: string, message: string): void {
    this.options.onFrame({ type: 'error', code: 'unavailable', message, clientMessageId, at: '' });
  }
}

/** A frame of ours; undefined for anything else. */
function parsed(text: string): Outgoing | undefined {
  try {
    const frame = JSON.parse(text);
    return frame?.type ? frame : undefined;
  } catch {
    return undefined;
  }
}
