import { expect, test } from 'vitest';
import { Sequence } from '../widget/sequence';

test('what comes in order or fills its gap by itself is not asked for', () => {
  const sequence = new Sequence();
  expect([1, 3, 2, 4].map((seq) => sequence.note(seq))).toEqual([false, true, false, false]);
  expect(sequence.last).toBe(4);
  expect(sequence.shouldAsk()).toBe(false);
});

test('a gap is asked for once, then passed over', () => {
  const sequence = new Sequence();
  sequence.whole([1, 2]);
  sequence.note(5);
  expect(sequence.shouldAsk()).toBe(true);
  expect(sequence.shouldAsk()).toBe(false);
  expect(sequence.last).toBe(5);
});

test('an old message, or one again, opens no gap', () => {
  const sequence = new Sequence();
  sequence.whole([7, 8]);
  expect([8, 3].map((seq) => sequence.note(seq))).toEqual([false, false]);
});
