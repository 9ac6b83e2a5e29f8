// How long to wait before the next try to connect: twice as long each time, and never all browsers at once.

const FIRST = 1000;
const LONGEST = 30_000;
const AT_ONCE = 300; // after a socket that worked

/** Milliseconds after `failures` in a row; `chance` is from 0 to 1. */
export function pause(failures: number, chance = Math.random()): number {
  if (!failures) return chance * AT_ONCE;
  return Math.min(LONGEST, FIRST * 2 ** (failures - 1)) * (0.75 + chance / 4);
}
