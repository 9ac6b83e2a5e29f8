// The connection: opens, starts or resumes the session, comes back by itself. Shows nothing.

import type { Error as ErrorFrame, Incoming, Outgoing, SessionFrame, StartSession } from '../shared/protocol';
import { pause } from './backoff';
import { Delivery } from './delivery';
import type { Kept } from './memory';
import { Missing } from './missing';
import type { Outbox, Unsent } from './outbox';
import { Timers } from './timers';

const SESSION_WAIT = 8000;
const KEEP_ALIVE = 240_000; // the gateway closes at 10 minutes of silence
const UNNOTICED = 2000; // a socket that is back so soon was never away
const REFUSALS_TO_TELL = 3;
const TRANSIENT = new Set(['rate_limited', 'unavailable', 'internal', 'capacity']);

export type State =
  | 'connecting'
  | 'online'
  | 'reconnecting'
  | 'offline'
  | 'busy'
  | 'expired'
  | 'capacity'
  | 'unavailable'
  | 'unauthorized'
  | 'refused';

export interface Status {
  state: State;
  wait?: number; // milliseconds until the next try
}

export type Hello = Omit<StartSession, 'action' | 'resumeToken' | 'lastSeq'>;
export type Frame = Outgoing;
type Action<A extends Incoming['action']> = Omit<Extract<Incoming, { action: A }>, 'action'>;

export interface Options {
  url: string;
  token: Kept;
  outbox: Outbox;
  hello(fresh: boolean): Promise<Hello>; // fresh: the identity it had was refused
  attended(): boolean; // somebody looks at the conversation
  expecting(): boolean; // a reply is due
  onFrame(frame: Frame): void;
  onStatus(status: Status): void;
}

export class Connection {
  private socket: WebSocket | undefined;
  private ready = false;
  private stopped = false;
  private early: Frame[] = [];
  private sessionId = '';
  private resuming = '';
  private tries = 0;
  private refusals = 0;
  private restarted = false;
  private over = false; // the conversation we had is
  private unauthorized = false;
  private readonly delivery: Delivery;
  private readonly missing: Missing;
  private readonly timers = new Timers();

  constructor(private readonly options: Options) {
    this.delivery = new Delivery(options.outbox, {
      send: (message) => this.post('sendMessage', message),
      broken: () => this.drop(),
      givenBack: (clientMessageId) => this.givenBack(clientMessageId),
    });
    this.missing = new Missing(options.expecting, () => this.ready && void this.start());
    addEventListener('online', () => this.wake());
    addEventListener('offline', () => this.wake());
    document.addEventListener('visibilitychange', () => document.hidden || this.wake());
    setInterval(() => options.attended() && this.post('ping', {}), KEEP_ALIVE);
  }

  open(): void {
    this.timers.clear('retry');
    this.stopped = false;
    if (this.socket) return;
    if (!this.tries) this.status(this.sessionId ? 'online' : 'connecting');
    else if (this.refusals < REFUSALS_TO_TELL) this.status('reconnecting');
    this.timers.set('late', UNNOTICED, () => this.ready || !this.sessionId || this.refusals > 1 || this.status('reconnecting'));
    const socket = new WebSocket(this.options.url);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.refusals = 0;
      if (socket === this.socket) void this.start();
    };
    socket.onmessage = (event) => socket === this.socket && this.receive(parsed(event.data));
    socket.onclose = () => socket === this.socket && this.lost(opened);
  }

  /** Another conversation, on a socket of its own. */
  restart(): void {
    this.forget();
    this.tries = 0;
    this.sessionId = '';
    this.close();
    this.open();
  }

  stop(): void {
    this.forget();
    this.stopped = true;
    this.close();
  }

  /** False when there is no session to send it in. */
  post<A extends Incoming['action']>(action: A, fields: Action<A>): boolean {
    if (this.ready) this.write({ action, ...fields });
    return this.ready;
  }

  send(message: Unsent): void {
    this.options.outbox.add(message);
    this.delivery.next();
    if (!this.socket) this.open();
  }

  /** Somebody is back, or the network is: try at once, and ask for what was missed meanwhile. */
  wake(): void {
    if (navigator.onLine === false) return this.status('offline');
    if (this.stopped || !this.needed) return;
    if (!this.socket) return this.open();
    if (!this.ready) return;
    this.status('online');
    void this.start();
  }

  private get needed(): boolean {
    return this.options.attended() || this.options.outbox.first !== undefined;
  }

  private status(state: State, wait = 0): void {
    this.options.onStatus({ state, ...(wait && { wait }) });
  }

  private forget(): void {
    this.options.token.set('');
    this.missing.reset();
  }

  private async start(): Promise<void> {
    this.ready = false;
    const { socket } = this;
    this.timers.set('session', SESSION_WAIT, () => this.drop());
    const hello = await this.options.hello(this.unauthorized);
    if (socket !== this.socket) return;
    this.resuming = this.options.token.get();
    const { last } = this.missing;
    const again = this.resuming ? { resumeToken: this.resuming, ...(last && { lastSeq: last }) } : {};
    this.write({ action: 'startSession', ...again, ...hello });
  }

  private startAnew(): void {
    this.forget();
    void this.start();
  }

  private write(frame: { action: string }): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private close(): void {
    const { socket } = this;
    this.socket = undefined;
    this.ready = false;
    this.early = [];
    this.delivery.interrupt();
    this.missing.rest();
    this.timers.clear('session', 'retry', 'late');
    socket?.close();
  }

  private drop(): void {
    this.close();
    this.lost(true);
  }

  private lost(opened: boolean): void {
    const wasReady = this.ready;
    this.close();
    if (this.stopped) return;
    if (!opened) this.refusals += 1;
    if (!wasReady) this.tries += 1;
    if (navigator.onLine === false) return this.status('offline'); // wake() comes with the network
    if (!this.needed) return; // and when somebody looks again
    const wait = pause(this.tries);
    if (this.refusals >= REFUSALS_TO_TELL) this.status('refused', wait);
    else if (this.tries) this.status('reconnecting', wait);
    this.timers.set('retry', wait, () => this.open());
  }

  /** A message of ours has been accepted, or refused for good. */
  private settle(clientMessageId: string | undefined): void {
    if (!this.delivery.settle(clientMessageId)) return;
    this.restarted = false;
    this.status('online');
    this.delivery.next();
  }

  private givenBack(clientMessageId: string): void {
    this.status('online');
    this.options.onFrame({ type: 'error', code: 'unavailable', message: '', clientMessageId, at: '' });
  }

  private receive(frame: Frame | undefined): void {
    if (!frame) return this.failed({ code: 'unavailable' }); // the gateway's own words
    if (frame.type === 'error') return this.failed(frame);
    if (frame.type === 'session') return this.started(frame);
    if (!this.ready) return void this.early.push(frame);
    this.take(frame);
  }

  private started(frame: SessionFrame): void {
    this.timers.clear('session', 'late');
    this.options.token.set(frame.resumeToken);
    if (this.sessionId !== frame.sessionId) this.missing.reset();
    this.sessionId = frame.sessionId;
    this.missing.whole(frame.history.map((message) => message.seq));
    for (const { clientMessageId } of frame.history) this.settle(clientMessageId);
    this.tries = 0;
    this.unauthorized = false;
    this.ready = true;
    this.status(this.over || (this.resuming && !frame.resumed) ? 'expired' : 'online');
    this.over = false;
    this.options.onFrame(frame);
    for (const kept of this.early.splice(0)) this.take(kept);
    this.missing.listen();
    this.delivery.next();
  }

  private take(frame: Frame): void {
    this.missing.heard(frame);
    if ('clientMessageId' in frame) this.settle(frame.clientMessageId);
    this.options.onFrame(frame);
    this.missing.listen();
  }

  private failed(frame: Pick<ErrorFrame, 'code'> & Partial<ErrorFrame>): void {
    const { code, clientMessageId, retryAfter } = frame;
    if (!this.ready && !clientMessageId) return this.notStarted(code, retryAfter);
    if (code === 'session_expired' || code === 'no_session') return this.ended(code);
    if (this.delivery.concerns(clientMessageId) && TRANSIENT.has(code)) {
      const wait = this.delivery.postpone(code, retryAfter);
      if (code === 'rate_limited') this.status('busy', wait);
      return;
    }
    this.settle(clientMessageId);
    this.options.onFrame({ type: 'error', message: '', at: '', ...frame });
  }

  private ended(code: string): void {
    this.delivery.interrupt();
    if (this.restarted) return this.drop();
    this.restarted = true;
    if (code === 'no_session') return void this.start();
    this.over = true;
    this.startAnew();
  }

  /** startSession was refused. */
  private notStarted(code: string, retryAfter = 0): void {
    this.timers.clear('session', 'late');
    if (code === 'unauthorized') return this.notRecognised();
    if (this.resuming && !TRANSIENT.has(code)) {
      this.over = code === 'session_expired';
      return this.startAnew();
    }
    this.tries += 1;
    const wait = retryAfter ? retryAfter * 1000 : pause(this.tries);
    this.status(code === 'capacity' ? 'capacity' : 'unavailable', wait);
    this.timers.set('retry', wait, () => (this.socket ? this.start() : this.open()));
  }

  /** Once more with a new identity; then it is for the person to sign in again. */
  private notRecognised(): void {
    if (!this.unauthorized) {
      this.unauthorized = true;
      return void this.start();
    }
    this.stopped = true;
    this.unauthorized = false;
    this.close();
    this.status('unauthorized');
  }
}

/** A frame of ours; undefined for anything else, such as what a gateway says by itself. */
function parsed(text: string): Frame | undefined {
  try {
    const frame = JSON.parse(text);
    return frame?.type ? frame : undefined;
  } catch {
    return undefined;
  }
}
