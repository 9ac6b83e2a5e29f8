// Who somebody is, and one thing that was said, as transcripts and live conversations draw it.

import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { markdown } from '../../widget/markdown';
import { badge } from '../parts';
import { locale, t, time } from '../texts';
import type { Conversation } from './records';

export interface Said {
  id: string;
  sender: string;
  at: string | number;
  content: string;
  person: string;
}

export function person({ name, user, userType }: { name: string; user?: string; userType: string }): string {
  return name || user || t(`people.${userType}`);
}

/** With what they are, where that is not all that is known of them. */
export function introduced(one: { name: string; user?: string; userType: string }): string {
  return one.name || one.user ? `${person(one)} · ${t(`people.${one.userType}`)}` : person(one);
}

export function speaker(sender: string, name: string): string {
  return sender === 'user' ? name : t(`people.${sender}`);
}

/** `parts` stand below the words. */
export function saidView(said: Said, ...parts: (TemplateResult | typeof nothing)[]): TemplateResult {
  const { id, sender, at, content } = said;
  return html`<article class="said ${sender}" id=${id}>
    <header><b>${speaker(sender, said.person)}</b> <time datetime=${new Date(at).toISOString()}>${time(at)}</time></header>
    <div class="words">${sender === 'user' ? content : guard([content], () => markdown(content))}</div>
    ${parts}
  </article>`;
}

/** `há 5 min.` */
export function ago(at: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 60_000));
  const [count, unit] = minutes < 60 ? [minutes, 'minute' as const] : minutes < 48 * 60 ? [Math.floor(minutes / 60), 'hour' as const] : [Math.floor(minutes / 1440), 'day' as const];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(-count, unit);
}

const KINDS = { active: 'good', open: 'plain', expired: 'plain', closed: 'plain' } as const;

/** Whether it goes on, and whether somebody of the team has been called or has it. */
export function statusView({ status, handoff, escalated }: Conversation): TemplateResult {
  const goesOn = status === 'active' || status === 'open';
  return html`<span class="badges">${badge(t(`people.${status}`), KINDS[status])}
    ${goesOn && handoff === 'waiting' ? badge(t('people.waiting'), 'warn') : nothing}
    ${goesOn && handoff === 'held' ? badge(t('people.held'), 'good') : nothing}
    ${escalated && !(goesOn && handoff === 'waiting') ? badge(t('people.escalated'), 'warn') : nothing}</span>`;
}

export function stars(rating: number | null): TemplateResult | string {
  if (rating === null) return '—';
  return html`<span class="stars" role="img" aria-label=${t('people.stars', { rating })}>${'★'.repeat(rating)}<i>${'★'.repeat(5 - rating)}</i></span>`;
}
