import { beforeEach, expect, test, vi } from 'vitest';
import type { MessageFrame, SessionFrame } from '../shared/protocol';
import { Conversation } from '../widget/conversation';

const AT = '2026-11-22T12:00:00.000Z';
const limits = { maxMessageLength: 2000, maxFrameBytes: 32768, messagesPerMinute: 10, burst: 3 };
let fresh: MessageFrame[];
let it: Conversation;

beforeEach(() => {
  fresh = [];
  it = new Conversation(vi.fn(), (message) => fresh.push(message));
});

function message(seq: number, fields: Partial<MessageFrame> = {}): MessageFrame {
  return { type: 'message', at: AT, messageId: `m${seq}`, seq, sender: 'assistant', content: `texto ${seq}`, ...fields };
}

function session(history: MessageFrame[] = [], sessionId = 's1'): SessionFrame {
  return { type: 'session', at: AT, sessionId, resumeToken: 't', resumed: false, assistantName: 'Sophie', userType: 'anonymous', locale: 'pt-BR', history, more: false, limits, expiresAt: AT };
}

const contents = () => it.entries.map((entry) => entry.message?.content);

test('whatever order and however often they come, messages stand by seq', () => {
  it.take(session([message(1)]));
  for (const seq of [3, 2, 3, 5, 4, 1]) it.take(message(seq));
  expect(contents()).toEqual([1, 2, 3, 4, 5].map((seq) => `texto ${seq}`));
});

test('a message of ours is one entry from writing it to its being stored', () => {
  it.take(session());
  it.sending('c1', 'oi');
  it.take({ type: 'accepted', at: AT, clientMessageId: 'c1', messageId: 'q1', seq: 2, duplicate: false });
  it.take(message(2, { messageId: 'q1', clientMessageId: 'c1', sender: 'user', content: 'oi' }));
  expect(it.entries).toHaveLength(1);
  expect(it.entries[0]).toMatchObject({ key: 'c1', seq: 2 });
  expect(it.entries[0]!.status).toBeUndefined();
});

test('somebody is writing from accepted to the answer, even when the answer overtakes', () => {
  it.take(session());
  const accepted = { type: 'accepted', at: AT, clientMessageId: 'c1', messageId: 'q1', seq: 2, duplicate: false } as const;
  it.take(accepted);
  expect(it.writing).toBe(true);
  expect(it.stoppable).toBe('q1');
  it.take(message(3, { inReplyTo: 'q1', messageId: 'a1' }));
  expect(it.writing).toBe(false);
  it.take(accepted);
  expect(it.writing).toBe(false);
});

test('deltas join by index, and the whole message has the last word', () => {
  it.take(session());
  const delta = (index: number, text: string) => it.take({ type: 'replyDelta', at: AT, messageId: 'a1', index, text });
  it.take({ type: 'replyStarted', at: AT, messageId: 'a1', inReplyTo: 'q1', clientMessageId: 'c1', attempt: 1 });
  delta(0, 'um ');
  delta(2, 'três');
  delta(1, 'dois ');
  delta(1, 'dois ');
  expect(it.replies.get('a1')!.text).toBe('um dois três');
  it.take(message(3, { messageId: 'a1', inReplyTo: 'q1', content: 'um dois três.' }));
  delta(3, '!');
  expect(it.replies.size).toBe(0);
  expect(contents()).toEqual(['um dois três.']);
});

test('a second attempt keeps what was read, as replaced', () => {
  it.take(session());
  const started = (attempt: number) => it.take({ type: 'replyStarted', at: AT, messageId: 'a1', inReplyTo: 'q1', clientMessageId: 'c1', attempt });
  started(1);
  it.take({ type: 'replyDelta', at: AT, messageId: 'a1', index: 0, text: 'começo' });
  const reply = it.replies.get('a1')!;
  reply.advance(true);
  started(2);
  expect(reply.replaced).toEqual(['começo']);
  expect(reply.visible).toBe('');
});

test('after a lost connection the same attempt starts over without showing twice', () => {
  it.take(session());
  const started = () => it.take({ type: 'replyStarted', at: AT, messageId: 'a1', inReplyTo: 'q1', clientMessageId: 'c1', attempt: 1 });
  const delta = (index: number, text: string) => it.take({ type: 'replyDelta', at: AT, messageId: 'a1', index, text });
  started();
  delta(0, 'um ');
  delta(1, 'dois ');
  it.take(session());
  started();
  delta(5, 'um dois três ');
  delta(6, 'quatro');
  expect(it.replies.get('a1')!.text).toBe('um dois três quatro');
});

test('another session begins empty, but for what is still on its way', () => {
  it.take(session([message(1)]));
  it.sending('c1', 'oi');
  it.take(session([message(1, { messageId: 'n1', content: 'outra' })], 's2'));
  expect(contents()).toEqual(['outra', 'oi']);
});

test('only what was not in a history counts as new, and nobody is told of their own words', () => {
  it.take(session([message(1)]));
  it.take(message(1));
  it.take(message(2, { sender: 'user', clientMessageId: 'c9' }));
  it.take(message(3));
  it.take(message(3));
  expect(fresh.map(({ seq }) => seq)).toEqual([3]);
});

test('a refused message is given back with its reason', () => {
  it.take(session());
  it.sending('c1', 'oi');
  it.take({ type: 'error', at: AT, code: 'bad_request', message: 'Não entendi', clientMessageId: 'c1' });
  expect(it.entries[0]).toMatchObject({ status: 'failed', reason: 'Não entendi' });
});

test('frames of a newer server are left alone', () => {
  it.take(session([message(1)]));
  it.take({ type: 'hologram' } as never);
  expect(it.entries).toHaveLength(1);
});

test('suggestions are those of the last message, and none while an answer is written', () => {
  it.take(session([message(1, { suggestions: ['a', 'b'] })]));
  expect(it.suggestions).toEqual(['a', 'b']);
  it.sending('c1', 'oi');
  expect(it.suggestions).toEqual([]);
});

test('it is in somebody’s hands from their taking over to their giving back, whatever is read of before', () => {
  it.take(session([message(4, { notice: 'taken_over', sender: 'system' })]));
  expect(it.held).toBe(true);
  it.take(message(6, { notice: 'released', sender: 'system' }));
  it.take(message(5, { sender: 'operator' }));
  it.take({ type: 'history', at: AT, messages: [message(3, { sender: 'operator' })], more: false });
  expect(it.held).toBe(false);
});

test('nobody goes on typing who says no more of it, or has said what it was', () => {
  vi.useFakeTimers();
  it.take(session());
  it.take({ type: 'typing', at: AT, isTyping: true, sender: 'operator' });
  it.take(message(2, { sender: 'user' }));
  expect(it.somebodyTyping).toBe('operator');
  it.take(message(3, { sender: 'operator' }));
  expect(it.somebodyTyping).toBe('');
  it.take({ type: 'typing', at: AT, isTyping: true, sender: 'operator' });
  vi.advanceTimersByTime(10_000);
  expect(it.somebodyTyping).toBe('');
  vi.useRealTimers();
});
