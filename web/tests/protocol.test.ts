import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { types } from '../shared/types.mjs';

test('the types of the frames are those of the schema', async () => {
  expect(await readFile('shared/protocol.ts', 'utf8'), 'run `make docs`').toBe(await types());
});
