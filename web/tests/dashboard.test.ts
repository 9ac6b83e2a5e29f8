import { expect, test } from 'vitest';
import type { Cards } from '../admin/dashboard/figures';
import { stacked } from '../admin/dashboard/plot';
import { series } from '../admin/dashboard/series';
import { csv } from '../admin/dashboard/twin';
import { dateText, lastWeeks, today } from '../admin/dashboard/weeks';

const TWIN = { name: 'x', columns: [{ title: 'a' }, { title: 'b' }], rows: [['=1+1', 0.5], ['say "a;b"', null], ['-', 1234.5]] };

test('a table as a spreadsheet of its language opens it, and no cell is computed', () => {
  expect(csv(TWIN, 'pt-BR')).toBe('\ufeffa;b\r\n\'=1+1;0,5\r\n"say ""a;b""";\r\n\'-;1234,5\r\n');
  expect(csv(TWIN, 'en')).toBe('\ufeffa,b\r\n\'=1+1,0.5\r\n"say ""a;b""",\r\n\'-,1234.5\r\n');
});

test('the last whole weeks, by the year of their Thursday', () => {
  expect(lastWeeks('2026-11-23', 2)).toEqual([
    { name: '2026-W47', from: '2026-11-16', to: '2026-11-22' },
    { name: '2026-W46', from: '2026-11-09', to: '2026-11-15' },
  ]);
  expect(lastWeeks('2026-11-22', 1)[0]!.name).toBe('2026-W46');
  expect(lastWeeks('2027-01-04', 1)[0]).toEqual({ name: '2026-W53', from: '2026-12-28', to: '2027-01-03' });
  expect(lastWeeks('2025-01-06', 2).map(({ name }) => name)).toEqual(['2025-W01', '2024-W52']);
});

test('a day is that of the assistant, wherever the administrator is', () => {
  const late = new Date('2026-11-23T02:30:00Z');
  expect([today('America/Sao_Paulo', late), today('Asia/Tokyo', late)]).toEqual(['2026-11-22', '2026-11-23']);
  expect(dateText('2026-11-01')).toBe('Nov 1');
});

test('bars stand on those before them', () => {
  const line = { label: '', colour: 1, kind: 'bars' } as const;
  const found = stacked([{ ...line, values: [1, null] }, { ...line, values: [2, 3] }]);
  expect(found.map(({ values }) => values)).toEqual([[1, 0], [3, 3]]);
});

test('a chart is told in words: from, to, and at the end', () => {
  const times = { p50: null, p95: null };
  const cards = { sessions: 0, turns: 0, messages: 0, response: times, firstWords: times, resolution: {}, rating: null } as unknown as Cards;
  const days = [4, 2, 3].map((sessions, place) => ({ date: `2026-11-0${place + 1}`, cards: { ...cards, sessions } }));
  const [volume, , times_] = series(days);
  expect(volume!.plot.about).toContain('Conversations: from 2 to 4, 3 at the end');
  expect(times_!.plot.about).toContain('Whole, 95 %: nothing');
  expect(volume!.twin.rows[0]).toEqual(['2026-11-01', 4, 0, 0]);
});
