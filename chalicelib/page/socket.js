// The connection: opens, starts or resumes the session, sends each message once, comes back by itself. Shows nothing.

const ACK_WAIT = 8000; // a gateway's own error frame names no message, so silence is the sign
const GAP_WAIT = 1500; // frames may overtake each other by this much before one counts as lost
const PONG_WAIT = 5000;
const KEEP_ALIVE = 240000; // the gateway closes at 10 minutes of silence
const LONGEST_WAIT = 30000;
const MOST_SILENCES = 6; // then the message is given back
const TRANSIENT = new Set(['rate_limited', 'unavailable', 'internal', 'capacity']);

// crypto.randomUUID is missing over plain http on a LAN address.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));
}

function parse(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

export class ChatSocket {
  // token: {get, set}; hello(): the fields of startSession; onFrame(frame); onState(name, {retryAfter, message}).
  constructor({ url, token, hello, onFrame, onState }) {
    Object.assign(this, { url, token, hello, onFrame, onState });
    Object.assign(this, { outbox: [], early: [], ahead: new Set(), lastSeq: 0, tries: 0, silences: 0, refusals: 0, stopped: false, timers: {} });
    addEventListener('online', () => this.wake());
    addEventListener('offline', () => this.wake());
    document.addEventListener('visibilitychange', () => document.hidden || this.wake());
    setInterval(() => document.hidden || this.post('ping'), KEEP_ALIVE);
  }

  after(name, wait, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(act, wait);
  }

  settled(...names) {
    for (const name of names) clearTimeout(this.timers[name]);
  }

  open() {
    this.settled('retry');
    this.stopped = false;
    if (this.ws) return;
    if (this.refusals < 3) this.onState(this.tries ? 'reconnecting' : 'connecting');
    const ws = new WebSocket(this.url);
    let opened = false;
    this.ws = ws;
    ws.onopen = () => {
      opened = true;
      this.refusals = 0;
      if (ws === this.ws) this.start();
    };
    ws.onmessage = (event) => ws === this.ws && this.receive(parse(event.data));
    ws.onclose = () => ws === this.ws && this.lost(opened);
  }

  start() {
    this.ready = false;
    this.resuming = this.token.get();
    const again = this.resuming && this.lastSeq ? { lastSeq: this.lastSeq } : {};
    this.write({ action: 'startSession', ...(this.resuming && { resumeToken: this.resuming }), ...again, ...this.hello() });
    this.after('session', ACK_WAIT, () => this.drop());
  }

  startAnew() {
    this.token.set('');
    this.lastSeq = 0;
    this.ahead.clear();
    this.start();
  }

  // Another conversation, on a socket of its own.
  restart() {
    this.token.set('');
    this.lastSeq = this.tries = 0;
    this.ahead.clear();
    this.close();
    this.open();
  }

  stop() {
    this.token.set('');
    this.stopped = true;
    this.close();
  }

  close() {
    const { ws } = this;
    this.ws = undefined;
    this.ready = false;
    this.flying = undefined;
    this.early = [];
    this.settled('session', 'ack', 'gap', 'pong', 'retry', 'hold');
    ws?.close();
  }

  drop() {
    this.close();
    this.lost(true);
  }

  lost(opened) {
    this.close();
    if (this.stopped) return;
    if (!opened) this.refusals += 1;
    const offline = navigator.onLine === false;
    this.onState(offline ? 'offline' : this.refusals > 2 ? 'refused' : 'reconnecting');
    this.tries += 1;
    if (document.hidden && !this.outbox.length) return; // wake() comes when the page is seen again
    this.after('retry', this.pause(this.tries), () => this.open());
  }

  pause(tries) {
    return Math.min(LONGEST_WAIT, 500 * 2 ** tries) * (0.7 + 0.3 * Math.random());
  }

  wake() {
    if (navigator.onLine === false) return void this.onState('offline');
    if (this.stopped) return;
    if (!this.ws) return void this.open();
    if (this.post('ping')) {
      this.onState('online');
      this.after('pong', PONG_WAIT, () => this.drop());
    }
  }

  write(frame) {
    if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(frame));
  }

  // False when there is no session to send it in.
  post(action, fields = {}) {
    if (this.ready) this.write({ action, ...fields });
    return Boolean(this.ready);
  }

  send(content, clientMessageId = newId()) {
    this.outbox.push({ clientMessageId, content });
    this.pump();
    return clientMessageId;
  }

  pump() {
    if (!this.ready || this.flying || !this.outbox.length) return;
    [this.flying] = this.outbox;
    this.post('sendMessage', this.flying);
    this.after('ack', ACK_WAIT, () => this.unanswered());
  }

  unanswered() {
    this.silences += 1;
    if (this.silences % 2) this.retry(0);
    else if (!this.givenBack()) this.drop();
  }

  givenBack() {
    if (this.silences < MOST_SILENCES) return false;
    const { clientMessageId } = this.flying;
    this.acknowledged(clientMessageId);
    this.onFrame({ type: 'error', code: 'unavailable', clientMessageId });
    return true;
  }

  retry(wait) {
    this.settled('ack');
    this.after('hold', wait, () => {
      this.flying = undefined;
      this.pump();
    });
  }

  acknowledged(clientMessageId) {
    this.outbox = this.outbox.filter((message) => message.clientMessageId !== clientMessageId);
    if (!clientMessageId || this.flying?.clientMessageId !== clientMessageId) return;
    this.silences = 0;
    this.restarted = false;
    this.flying = undefined;
    this.settled('ack', 'hold');
    this.onState('online');
    this.pump();
  }

  receive(frame) {
    this.settled('pong');
    if (!frame.type) return this.failed({ code: 'unavailable' });
    if (frame.type === 'error') return this.failed(frame);
    if (frame.type === 'session') return this.started(frame);
    if (!this.ready) return void this.early.push(frame);
    this.take(frame);
  }

  started(frame) {
    this.settled('session', 'gap');
    this.token.set(frame.resumeToken);
    if (this.sessionId !== frame.sessionId) {
      this.lastSeq = 0;
      this.ahead.clear();
    }
    this.sessionId = frame.sessionId;
    this.lastSeq = Math.max(this.lastSeq, ...frame.history.map((message) => message.seq));
    for (const { clientMessageId } of frame.history) this.acknowledged(clientMessageId);
    this.tries = 0;
    this.ready = true;
    this.onState(this.resuming && !frame.resumed ? 'expired' : 'online');
    this.onFrame(frame);
    for (const kept of this.early.splice(0)) this.take(kept);
    this.pump();
  }

  take(frame) {
    if (frame.seq) this.note(frame.seq);
    this.acknowledged(frame.clientMessageId);
    this.onFrame(frame);
  }

  note(seq) {
    if (seq > this.lastSeq) this.ahead.add(seq);
    while (this.ahead.delete(this.lastSeq + 1)) this.lastSeq += 1;
    if (this.ahead.size) this.after('gap', GAP_WAIT, () => this.fillGap());
    else this.settled('gap');
  }

  // Asks once for what is missing; a place that stays empty holds nothing for us.
  fillGap() {
    if (this.asked === this.lastSeq) {
      this.lastSeq = Math.max(this.lastSeq, ...this.ahead);
      return this.ahead.clear();
    }
    this.asked = this.lastSeq;
    this.start();
  }

  failed(frame) {
    const { code, clientMessageId, retryAfter, message } = frame;
    if (!this.ready && !clientMessageId) return this.refused(frame);
    if (code === 'session_expired' || code === 'no_session') return this.expired(code);
    const ours = this.flying && (!clientMessageId || clientMessageId === this.flying.clientMessageId);
    if (!ours || !TRANSIENT.has(code)) {
      if (clientMessageId) this.acknowledged(clientMessageId);
      return this.onFrame(frame);
    }
    if (code === 'rate_limited') this.onState('busy', { retryAfter, message });
    else this.silences += 1;
    if (!this.givenBack()) this.retry(retryAfter ? retryAfter * 1000 : this.pause(1 + this.silences));
  }

  expired(code) {
    this.flying = undefined;
    this.settled('ack', 'hold');
    if (this.restarted) return this.drop();
    this.restarted = true;
    if (code === 'no_session') return this.start();
    this.onState('expired');
    this.startAnew();
  }

  // startSession was refused.
  refused({ code, retryAfter, message }) {
    this.settled('session');
    if (this.resuming && !TRANSIENT.has(code)) {
      if (code === 'session_expired') this.onState('expired');
      return this.startAnew();
    }
    this.tries += 1;
    const wait = retryAfter ? retryAfter * 1000 : this.pause(this.tries);
    this.onState(code === 'capacity' ? 'capacity' : 'unavailable', { retryAfter: Math.ceil(wait / 1000), message });
    this.after('retry', wait, () => (this.ws ? this.start() : this.open()));
  }
}
