// The figures at the top, each with what it was in as many days before.

import { html, nothing, type TemplateResult } from 'lit';
import { card } from '../parts';
import { money, number, percent, seconds, t } from '../texts';
import type { Cards, Summary } from './figures';
import { cell } from './twin';

interface Figure {
  text: string;
  of: (cards: Cards) => number | null;
  show: (value: number) => string;
  more?: (cards: Cards) => string;
}

const FIGURES: Figure[] = [
  { text: 'sessions', of: (c) => c.sessions, show: number, more: (c) => t('dashboard.perSession', { turns: cell(c.turnsPerSession, (n) => number(n, 1)) }) },
  { text: 'messages', of: (c) => c.messages, show: number, more: (c) => t('dashboard.answered', { turns: c.turns }) },
  { text: 'firstWords', of: (c) => c.firstWords.p50, show: seconds, more: (c) => t('dashboard.within95', { time: cell(c.firstWords.p95, seconds) }) },
  { text: 'response', of: (c) => c.response.p50, show: seconds, more: (c) => t('dashboard.within95', { time: cell(c.response.p95, seconds) }) },
  { text: 'resolution', of: (c) => c.resolution.rate, show: percent, more: (c) => t('dashboard.outcomeCounts', c.resolution as unknown as Record<string, number>) },
  { text: 'escalation', of: (c) => c.escalationRate, show: percent, more: (c) => t('dashboard.escalated', { count: c.escalated }) },
  { text: 'rating', of: (c) => c.rating, show: (value) => number(value, 2), more: (c) => t('dashboard.ratingCount', { count: sum(c.ratings) }) },
  { text: 'helpful', of: (c) => c.helpfulRate, show: percent, more: (c) => t('dashboard.helpfulCounts', { yes: c.helpful, no: c.unhelpful }) },
  { text: 'unknown', of: (c) => c.unknownRate, show: percent },
  { text: 'fallback', of: (c) => c.fallbackRate, show: percent },
  { text: 'cache', of: (c) => c.cacheHitRate, show: percent },
  { text: 'cost', of: (c) => c.costUsd, show: money, more: (c) => t('dashboard.tokens', { prompt: c.promptTokens, reply: c.replyTokens }) },
];

export function cards({ cards, previous }: Summary): TemplateResult {
  return html`<dl class="cards">${FIGURES.map(({ text, of, show, more }) => {
    const before = previous.turns ? compared(of(cards), of(previous), show) : nothing;
    return card(t(`dashboard.${text}`), cell(of(cards), show), html`${more ? html`${more(cards)}<br>` : nothing}${before}`);
  })}</dl>`;
}

function compared(now: number | null, before: number | null, show: (value: number) => string): TemplateResult {
  const value = cell(before, show);
  const way = now === null || before === null || value === cell(now, show) ? '' : now > before ? '▲ ' : '▼ ';
  return html`<span aria-hidden="true">${way}</span>${t('dashboard.before', { value })}`;
}

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((whole, one) => whole + one, 0);
