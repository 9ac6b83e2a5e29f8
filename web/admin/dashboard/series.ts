// What is drawn of a series of days: each chart's lines, and the table beside it.

import { money, number, percent, seconds, t } from '../texts';
import type { Cards, Day } from './figures';
import type { Line, Plot } from './plot';
import { type Cell, cell, type Column, type Twin } from './twin';
import { dateText } from './weeks';

export interface Series {
  title: string;
  plot: Plot;
  twin: Twin;
}

type Show = (value: number) => string;
type Of = (cards: Cards) => number | null;

/** A text's name, what it counts, how it is drawn; without a colour it is in the table only. */
interface Part {
  text: string;
  of: Of;
  colour?: Line['colour'];
  kind?: Line['kind'];
}

interface Kind {
  name: string;
  show: Show;
  parts: Part[];
  stacked?: boolean;
  range?: [number, number];
}

const stars: Show = (value) => number(value, 2);

const KINDS: Kind[] = [
  {
    name: 'volume',
    show: number,
    parts: [
      { text: 'sessions', of: (cards) => cards.sessions, colour: 1, kind: 'bars' },
      { text: 'turns', of: (cards) => cards.turns, colour: 2 },
      { text: 'messages', of: (cards) => cards.messages },
    ],
  },
  {
    name: 'outcomes',
    show: number,
    stacked: true,
    parts: [
      { text: 'confirmed', of: (cards) => cards.resolution.confirmed, colour: 1, kind: 'bars' },
      { text: 'assumed', of: (cards) => cards.resolution.assumed, colour: 3, kind: 'bars' },
      { text: 'unresolved', of: (cards) => cards.resolution.unresolved, colour: 4, kind: 'bars' },
      { text: 'reopened', of: (cards) => cards.resolution.reopened, colour: 2, kind: 'bars' },
      { text: 'open', of: (cards) => cards.resolution.open, colour: 5, kind: 'bars' },
    ],
  },
  {
    name: 'times',
    show: seconds,
    parts: [
      { text: 'response95', of: (cards) => cards.response.p95, colour: 4 },
      { text: 'response50', of: (cards) => cards.response.p50, colour: 1 },
      { text: 'first95', of: (cards) => cards.firstWords.p95, colour: 2 },
      { text: 'first50', of: (cards) => cards.firstWords.p50 },
    ],
  },
  {
    name: 'rates',
    show: percent,
    parts: [
      { text: 'cache', of: (cards) => cards.cacheHitRate, colour: 1 },
      { text: 'unknown', of: (cards) => cards.unknownRate, colour: 2 },
      { text: 'escalation', of: (cards) => cards.escalationRate, colour: 3 },
      { text: 'fallback', of: (cards) => cards.fallbackRate, colour: 4 },
    ],
  },
  {
    name: 'ratings',
    show: stars,
    range: [1, 5.2],
    parts: [{ text: 'rating', of: (cards) => cards.rating, colour: 1 }],
  },
  {
    name: 'cost',
    show: money,
    parts: [{ text: 'cost', of: (cards) => cards.costUsd, colour: 1, kind: 'bars' }],
  },
];

export function series(days: Day[]): Series[] {
  return KINDS.map((kind) => {
    const title = t(`dashboard.${kind.name}Daily`);
    return { title, plot: plot(kind, title, days), twin: twin(kind, days) };
  });
}

function plot({ parts, show, stacked = false, range }: Kind, title: string, days: Day[]): Plot {
  const lines = parts.flatMap(({ text, of, colour, kind = 'line' }) =>
    colour ? [{ label: t(`dashboard.${text}`), values: days.map((day) => of(day.cards)), colour, kind }] : [],
  );
  const about = [title, ...lines.map((line) => described(line, show))].join('. ');
  return { days: days.map(({ date }) => dateText(date)), lines, show, stacked, about, ...(range ? { range } : {}) };
}

function twin({ name, parts, show }: Kind, days: Day[]): Twin {
  const columns: Column[] = [{ title: t('dashboard.day') }, ...parts.map(({ text }) => ({ title: t(`dashboard.${text}`), show }))];
  return { name: `${name}-${days[0]?.date ?? ''}`, columns, rows: days.map(({ date, cards }): Cell[] => [date, ...parts.map(({ of }) => of(cards))]) };
}

function described({ label, values }: Line, show: Show): string {
  const known = values.filter((value) => value !== null);
  if (!known.length) return t('dashboard.describedNone', { label });
  return t('dashboard.described', {
    label,
    least: show(Math.min(...known)),
    most: show(Math.max(...known)),
    last: cell(values.at(-1) ?? null, show),
  });
}
