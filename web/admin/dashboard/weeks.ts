// Days and weeks as the API names them: `2026-11-22`, `2026-W47` (ISO 8601: a week is of the year of its Thursday).

import { locale } from '../texts';

const DAY = 86_400_000;

export interface Week {
  name: string;
  from: string;
  to: string;
}

/** The last whole weeks before a day, newest first. */
export function lastWeeks(today: string, count: number): Week[] {
  const noon = at(today);
  const monday = noon - ((new Date(noon).getUTCDay() + 6) % 7) * DAY;
  return Array.from({ length: count }, (_, ago) => week(monday - (ago + 1) * 7 * DAY));
}

/** Today where the assistant counts its days. */
export function today(timeZone: string, now = new Date()): string {
  return now.toLocaleDateString('en-CA', { timeZone });
}

/** `22 de nov.`, with the year where it is asked for. */
export function dateText(date: string, year = false): string {
  return new Date(at(date)).toLocaleDateString(locale, { timeZone: 'UTC', day: 'numeric', month: 'short', ...(year ? { year: 'numeric' } : {}) });
}

/** By the clocks of a time zone. */
export function timeText(at: string, timeZone: string): string {
  return new Date(at).toLocaleString(locale, { timeZone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** `seg.`, for 0 (Monday) to 6. */
export function weekday(day: number, style: 'short' | 'long' = 'short'): string {
  return new Date(at('2024-01-01') + day * DAY).toLocaleDateString(locale, { timeZone: 'UTC', weekday: style });
}

function week(monday: number): Week {
  const thursday = new Date(monday + 3 * DAY);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const number = Math.floor((thursday.getTime() - first) / DAY / 7) + 1;
  return { name: `${thursday.getUTCFullYear()}-W${String(number).padStart(2, '0')}`, from: dateOf(monday), to: dateOf(monday + 6 * DAY) };
}

const at = (date: string): number => Date.parse(`${date}T12:00:00Z`);
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
