import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Line, type LineState } from '../admin/people/line';
import type { Outgoing } from '../shared/protocol';

const AT = '2026-11-22T12:00:00.000Z';

/** The server's end of a line. */
class Socket {
  static opened: Socket[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  readonly sent: { action: string; clientMessageId?: string }[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: () => void;

  constructor(readonly url: string) {
    Socket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify({ at: AT, ...frame }) });
  }

  watched(messages: object[] = []): void {
    this.onopen?.();
    this.say({ type: 'history', messages, more: false });
  }
}

let states: string[];
let frames: Outgoing[];
let line: Line;
const newest = () => Socket.opened.at(-1)!;
const said = () => newest().sent.filter(({ action }) => action === 'sendMessage').map(({ clientMessageId }) => clientMessageId);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Socket);
  [states, frames, Socket.opened] = [[], [], []];
  const onState = (state: LineState, code: string) => states.push(code ? `${state} ${code}` : state);
  line = new Line({ url: 'ws://here', operatorToken: 'key', watch: 's1', onFrame: (frame) => frames.push(frame), onState });
  line.open();
});

afterEach(() => {
  line.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('it watches one conversation, and comes back by itself', () => {
  newest().watched();
  expect(newest().sent).toEqual([{ action: 'startSession', operatorToken: 'key', watch: 's1' }]);
  newest().onclose?.();
  vi.advanceTimersByTime(1000);
  newest().watched();
  expect(Socket.opened).toHaveLength(2);
  expect(states).toEqual(['connecting', 'open', 'reconnecting', 'reconnecting', 'open']);
});

test('what was not accepted is said again under its id, and what the history has is not', () => {
  line.say('a', 'um');
  line.say('b', 'dois');
  newest().watched();
  expect(said()).toEqual(['a']);
  newest().onclose?.();
  vi.advanceTimersByTime(1000);
  newest().watched([{ clientMessageId: 'a' }]);
  expect(said()).toEqual(['b']);
  newest().say({ type: 'accepted', clientMessageId: 'b', messageId: 'm', seq: 3, duplicate: false });
  vi.advanceTimersByTime(60_000);
  expect(said()).toEqual(['b']);
});

test('a server that stays silent, or is busy, is asked again', () => {
  vi.advanceTimersByTime(10_000);
  expect(Socket.opened).toHaveLength(2);
  newest().onopen?.();
  newest().say({ type: 'error', code: 'unavailable', message: '' });
  vi.advanceTimersByTime(3000);
  expect(Socket.opened).toHaveLength(3);
});

test('what is over is not asked for again', () => {
  newest().onopen?.();
  newest().say({ type: 'error', code: 'conflict', message: '' });
  vi.advanceTimersByTime(60_000);
  expect(Socket.opened).toHaveLength(1);
  expect(states.at(-1)).toBe('over conflict');
});

test('words that are refused for good are given back', () => {
  newest().watched();
  line.say('a', 'um');
  newest().say({ type: 'error', code: 'conflict', message: 'não', clientMessageId: 'a' });
  expect(frames.at(-1)).toMatchObject({ type: 'error', clientMessageId: 'a', message: 'não' });
  line.say('b', 'dois');
  expect(said()).toEqual(['a', 'b']);
});
