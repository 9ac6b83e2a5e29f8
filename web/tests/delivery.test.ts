import { beforeEach, expect, test, vi } from 'vitest';
import { pause } from '../widget/backoff';
import { Delivery } from '../widget/delivery';
import { Missing } from '../widget/missing';
import { Outbox } from '../widget/outbox';

const ONE = { clientMessageId: 'c1', content: 'um' };
const TWO = { clientMessageId: 'c2', content: 'dois' };

function delivering(...messages: (typeof ONE)[]) {
  let kept = '';
  const outbox = new Outbox({ get: () => kept, set: (value) => void (kept = value) });
  const way = { sent: [] as string[], broken: 0, givenBack: [] as string[] };
  const delivery = new Delivery(outbox, {
    send: ({ clientMessageId }) => way.sent.push(clientMessageId) > 0,
    broken: () => (way.broken += 1),
    givenBack: (clientMessageId) => way.givenBack.push(clientMessageId),
  });
  messages.forEach((message) => outbox.add(message));
  delivery.next();
  return { delivery, outbox, way };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
});

test('one message is on its way at a time, and the next follows when it is settled', () => {
  const { delivery, way } = delivering(ONE, TWO);
  delivery.next();
  expect(way.sent).toEqual(['c1']);
  expect(delivery.settle('c1')).toBe(true);
  delivery.next();
  expect(way.sent).toEqual(['c1', 'c2']);
});

test('silence sends the same message again, then counts the connection as broken', () => {
  const { way } = delivering(ONE);
  vi.advanceTimersByTime(8001);
  expect(way.sent).toEqual(['c1', 'c1']);
  vi.advanceTimersByTime(8001);
  expect(way.broken).toBe(1);
});

test('a message that nobody takes is given back, and the next one goes', () => {
  const { delivery, outbox, way } = delivering(ONE, TWO);
  for (let time = 0; time < 6; time += 1) vi.advanceTimersByTime(delivery.postpone('unavailable') + 1);
  expect(way.givenBack).toEqual(['c1']);
  expect(outbox.all).toEqual([TWO]);
  expect(way.sent.at(-1)).toBe('c2');
});

test('too many messages are waited out as long as it takes', () => {
  const { delivery, way } = delivering(ONE);
  for (let time = 0; time < 20; time += 1) {
    expect(delivery.postpone('rate_limited', 3)).toBe(3000);
    vi.advanceTimersByTime(3001);
  }
  expect(way.sent).toHaveLength(21);
  expect(way.givenBack).toEqual([]);
});

test('the pause doubles from one second to thirty, and no two browsers share it', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map((failures) => pause(failures, 1))).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(pause(4, 0)).toBe(6000);
  expect(pause(0, 1)).toBeLessThan(500);
});

test('while an answer is due, silence asks for what was lost, and twice as late each time', () => {
  const asked: number[] = [];
  const missing = new Missing(() => true, () => asked.push(Date.now()));
  const began = Date.now();
  missing.listen();
  vi.advanceTimersByTime(6001);
  missing.listen();
  vi.advanceTimersByTime(11_990);
  expect(asked).toHaveLength(1);
  vi.advanceTimersByTime(20);
  expect(asked.map((at) => Math.round((at - began) / 1000))).toEqual([6, 18]);
});
