// What the figures are made of: subjects, kinds of people, stars, wishes, reasons, hours of the week.

import { html, svg, type TemplateResult } from 'lit';
import { empty } from '../parts';
import { number, percent, t } from '../texts';
import type { Counts, Summary } from './figures';
import { type Cell, type Column, figure } from './twin';
import { weekday } from './weeks';

const LEVELS = 5;
const STARS = ['5', '4', '3', '2', '1'];

export function breakdowns(summary: Summary): TemplateResult[] {
  const { topics, userTypes, intents, escalations, cards } = summary;
  return [
    broken('topics', topics.map((one) => [one.title || one.entryId, one.sessions, one.turns, one.unresolved]), ['topic', 'sessions', 'turns', 'unresolved'], 'tall'),
    broken('userTypes', userTypes.map(({ userType, cards }) => [named('user', userType), cards.sessions, cards.turns, cards.resolution.rate]), ['userType', 'sessions', 'turns', 'resolution']),
    broken('stars', STARS.map((star) => ['★'.repeat(Number(star)), cards.ratings[star] ?? 0]), ['stars', 'sessions']),
    broken('intents', counted(intents, 'intent'), ['intent', 'turns']),
    broken('escalations', counted(escalations, 'reason'), ['reason', 'sessions']),
    hours(summary.hourOfWeek.turns),
  ];
}

/** A bar for the first number of each row. */
function broken(name: string, rows: Cell[][], texts: string[], shape: 'tall' | '' = ''): TemplateResult {
  const columns: Column[] = texts.map((text) => ({ title: t(`dashboard.${text}`), show: text === 'resolution' ? percent : number }));
  const most = Math.max(0, ...rows.map(([, value]) => Number(value)));
  const bar = ([label, value]: Cell[]): TemplateResult => html`<li><span>${label}</span>
    <svg aria-hidden="true">${svg`<rect height="100%" width="${(100 * Number(value)) / most}%"/>`}</svg> <b>${number(Number(value))}</b></li>`;
  const chart = most ? html`<ul class="bars">${rows.map(bar)}</ul>` : empty(t('dashboard.none'));
  return figure(t(`dashboard.${name}`), chart, { name, columns, rows }, shape);
}

/** Monday to Sunday, 24 hours each: the more turns, the stronger the colour. */
function hours(week: number[][]): TemplateResult {
  const most = Math.max(1, ...week.flat());
  const level = (value: number): number => Math.ceil((LEVELS * value) / most);
  const columns = [{ title: t('dashboard.hour') }, ...week.map((_, day) => ({ title: weekday(day) }))];
  const rows = Array.from({ length: 24 }, (_, hour): Cell[] => [`${hour}h`, ...week.map((row) => row[hour] ?? 0)]);
  const chart = html`<div class="heat" role="img" aria-label=${peak(week, most)}>
      ${week.map((row, day) => html`<span>${weekday(day)}</span>${row.map((value, hour) => html`<i class="level-${level(value)}" title="${weekday(day)} ${hour}h: ${number(value)}"></i>`)}`)}
      <span></span>${[0, 6, 12, 18].map((hour) => html`<small>${hour}h</small>`)}
    </div>
    <p class="scale" aria-hidden="true">0 ${Array.from({ length: LEVELS + 1 }, (_, place) => html`<i class="level-${place}"></i>`)} ${number(most)}</p>`;
  return figure(t('dashboard.hours'), chart, { name: 'hours', columns, rows }, 'wide');
}

function peak(week: number[][], most: number): string {
  const day = week.findIndex((row) => row.includes(most));
  return day < 0 ? t('dashboard.none') : t('dashboard.peak', { day: weekday(day, 'long'), hour: week[day]!.indexOf(most), turns: most });
}

function counted(counts: Counts, kind: string): Cell[][] {
  return Object.entries(counts).sort(([, one], [, other]) => other - one).map(([name, count]) => [named(kind, name), count]);
}

/** By the text of its name; what has none shows its name. */
function named(kind: string, name: string): string {
  const key = `dashboard.${kind}_${name}`;
  const text = t(key);
  return text === key ? name : text;
}
