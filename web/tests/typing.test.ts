import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Typing } from '../widget/typing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it is told at the first letter, seldom while somebody goes on, and when they stop', () => {
  const told: boolean[] = [];
  const typing = new Typing((isTyping) => told.push(isTyping));
  for (const text of ['o', 'oi', 'oi,']) typing.wrote(text);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(5000);
  typing.wrote('oi, A');
  expect(told).toEqual([true, true]);
  vi.advanceTimersByTime(6000);
  expect(told).toEqual([true, true, false]);
  typing.wrote('oi, Ana');
  typing.wrote('');
  typing.rest();
  expect(told).toEqual([true, true, false, true, false]);
});
