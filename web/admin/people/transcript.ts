// A whole conversation: its figures, then everything that was said, with what the person made of it.

import { html, nothing, type TemplateResult } from 'lit';
import { badge } from '../parts';
import { link } from '../page';
import { money, number, seconds, t, time } from '../texts';
import type { Conversation, Message, Note, Whole } from './records';
import { introduced, person, saidView, stars, statusView } from './said';

type Fact = [string, TemplateResult | string | number];

export function facts(pairs: Fact[]): TemplateResult {
  return html`<dl class="facts">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function figuresView(one: Conversation): TemplateResult {
  const helpful = one.helpful || one.unhelpful ? t('conversations.helpfulOf', { helpful: one.helpful, unhelpful: one.unhelpful }) : '—';
  return facts([
    [t('conversations.who'), introduced(one)],
    [t('conversations.status'), statusView(one)],
    [t('conversations.began'), time(one.createdAt)],
    [t(one.closedAt ? 'conversations.ended' : 'conversations.last'), time(one.closedAt ?? one.updatedAt)],
    [t('conversations.messages'), t('conversations.messagesOf', { user: one.byUser, assistant: one.byAssistant, operator: one.byOperator })],
    [t('conversations.meanResponse'), one.meanResponseMs === null ? '—' : seconds(one.meanResponseMs)],
    [t('conversations.rating'), html`${stars(one.rating)} ${one.comment ? html`<q>${one.comment}</q>` : nothing}`],
    [t('conversations.feedback'), helpful],
    [t('conversations.topics'), one.topics.join(', ') || '—'],
    [t('conversations.actions'), number(one.actions)],
    [t('conversations.cost'), money(one.costUsd)],
    [t('conversations.id'), html`<code>${one.sessionId}</code>`],
  ]);
}

/** `why` draws what explains an answer. */
export function threadView(whole: Whole, why: (answer: Message) => TemplateResult): TemplateResult {
  const name = person(whole.conversation);
  const elsewhere = whole.notes.filter(({ kind, message_id }) => kind === 'action' && !message_id);
  return html`<div class="thread">${whole.messages.map((message) => messageView(message, whole.notes, name, why))}${elsewhere.map(noteView)}</div>`;
}

function messageView(message: Message, notes: Note[], name: string, why: (answer: Message) => TemplateResult): TemplateResult {
  const about = notes.filter((note) => note.message_id === message.message_id);
  const { message_id: id, sender, at, content = '' } = message;
  return saidView(
    { id, sender, at, content, person: name },
    marksView(message),
    message.sources?.length ? sourcesView(message) : nothing,
    ...about.map(noteView),
    message.provenance ? why(message) : nothing,
  );
}

function marksView({ finish, cached, escalated, page, sender }: Message): TemplateResult | typeof nothing {
  const marks = [
    finish && finish !== 'complete' ? badge(t(`conversations.${finish}`), finish === 'cancelled' ? 'plain' : 'warn') : nothing,
    cached ? badge(t('conversations.cached')) : nothing,
    escalated ? badge(t('people.escalated'), 'warn') : nothing,
    sender === 'user' && page?.url ? html`<small>${t('conversations.onPage', { page: page.url })}</small>` : nothing,
  ].filter((mark) => mark !== nothing);
  return marks.length ? html`<p class="badges">${marks}</p>` : nothing;
}

function sourcesView({ sources = [] }: Message): TemplateResult {
  return html`<p class="badges"><small>${t('conversations.sources')}</small>
    ${sources.map(({ entryId, title }) => html`<a href=${link('knowledge', entryId)}>${title}</a>`)}</p>`;
}

function noteView(note: Note): TemplateResult {
  if (note.kind === 'feedback') return html`<p class="badges">${badge(t(note.helpful ? 'conversations.helped' : 'conversations.notHelped'), note.helpful ? 'good' : 'bad')}</p>`;
  return html`<p class="badges"><small>${t('conversations.followed', { target: note.target ?? '' })} · ${time(note.at)}</small></p>`;
}
