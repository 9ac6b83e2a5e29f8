import { expect, test } from 'vitest';
import type { Entry } from '../widget/conversation';
import { Drawn } from '../widget/drawn';

const conversation = (length: number): Entry[] => Array.from({ length }, (_, seq) => ({ key: `m${seq}`, seq, at: '' }));

function settled(drawn: Drawn, entries: Entry[]): number {
  while (drawn.due(entries)) drawn.more(entries);
  return entries.length - drawn.from(entries);
}

test('a few are drawn at once, then enough of them, and the rest when asked for', () => {
  const [drawn, entries] = [new Drawn(), conversation(1000)];
  expect(entries.length - drawn.from(entries)).toBe(4);
  expect(drawn.hides(entries)).toBe(false);
  expect(settled(drawn, entries)).toBe(250);
  expect(drawn.hides(entries)).toBe(true);
  drawn.older(entries);
  expect(settled(drawn, entries)).toBe(300);
});

test('what came from the server in front is drawn too', () => {
  const [drawn, entries] = [new Drawn(), conversation(200)];
  const newest = entries.slice(150);
  expect(settled(drawn, newest)).toBe(50);
  drawn.older(newest);
  expect(settled(drawn, entries.slice(100))).toBe(100);
});

test('of what keeps coming only the newest stay drawn', () => {
  const [drawn, entries] = [new Drawn(), conversation(1000)];
  settled(drawn, entries.slice(0, 250));
  for (let length = 251; length <= 1000; length += 1) drawn.trim(entries.slice(0, length));
  expect(settled(drawn, entries)).toBeLessThanOrEqual(500);
  expect(drawn.hides(entries)).toBe(true);
});
