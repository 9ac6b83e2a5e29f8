import { expect, test } from 'vitest';
import { goesOn, type Job } from '../admin/knowledge/report';

const job: Job = { id: 'a', state: 'waiting', rows: 600, done: 0, result: null, faults: [], file: '' };

test('a job that waits or runs is waited for', () => {
  expect(goesOn(job)).toBe(true);
  expect(goesOn({ ...job, state: 'running' })).toBe(true);
  expect(goesOn({ ...job, state: 'done' })).toBe(false);
  expect(goesOn({ ...job, state: 'failed' })).toBe(false);
});
