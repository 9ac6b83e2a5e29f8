import { expect, test } from 'vitest';
import { goesOn } from '../admin/knowledge/report';

test('a job that waits has no state yet, and is waited for', () => {
  expect(goesOn({ id: 'a' })).toBe(true);
  expect(goesOn({ id: 'a', state: 'running' })).toBe(true);
  expect(goesOn({ id: 'a', state: 'done' })).toBe(false);
  expect(goesOn({ id: 'a', state: 'failed' })).toBe(false);
});
