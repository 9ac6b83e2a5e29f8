// How one entry of the conversation looks. Nothing here remembers anything.

import { html, nothing, type TemplateResult } from 'lit';
import type { Action, Contact, MessageFrame, Notification, Source } from '../shared/protocol';
import type { Entry } from './conversation';
import { BUBBLE, MAIL, PHONE, icon } from './icons';
import type { Locale } from './locale';
import { fill } from './locale';
import { linkAttributes, markdown, safeUrl, unfinished } from './markdown';
import type { Reply } from './reply';
import type { Texts } from './texts';

export interface View {
  texts: Texts;
  locale: Locale;
  name: string;
  queued: boolean; // there is no connection, so what is on its way waits for one
  copied: string;
}

const FINISHES = { fallback: 'fallback', cancelled: 'cancelled', truncated: 'truncated', complete: undefined } as const;

const clocks: Partial<Record<Locale, Intl.DateTimeFormat>> = {}; // one takes longer to make than a message to draw

export function clock(at: string, locale: Locale): string {
  clocks[locale] ??= new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  return clocks[locale].format(new Date(at));
}

/** `Hoje`, `Ontem`, or the date. */
export function day(at: string, { texts, locale }: Pick<View, 'texts' | 'locale'>, now = new Date()): string {
  const date = new Date(at);
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return texts.panel.today;
  if (date.toDateString() === yesterday.toDateString()) return texts.panel.yesterday;
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' });
}

const dates = new WeakMap<Entry, string>(); // a thousand of them are asked for at every change

/** The day an entry belongs to, in the person's own time zone. */
export function dateOf(entry: Entry): string {
  const date = dates.get(entry) ?? new Date(entry.at).toDateString();
  dates.set(entry, date);
  return date;
}

/** An entry, under its date when it is the first of a day. */
export function entryView(entry: Entry, view: View, startsDay: boolean) {
  const heading = startsDay ? html`<h2 class="day">${day(entry.at, view)}</h2>` : nothing;
  return [heading, entry.notification ? notificationView(entry.notification, view) : messageView(entry, view)];
}

export function speaker(sender: string, view: Pick<View, 'texts' | 'name'>): string {
  const { you, operator } = view.texts.panel;
  return { user: you, operator, system: '' }[sender] ?? view.name;
}

function anchor(address: string, label: string, kind: string, drawn = ''): TemplateResult {
  const href = safeUrl(address);
  if (!href) return html`<span class="plain">${label}</span>`;
  const { target, rel } = linkAttributes(href);
  return html`<a class=${kind} href=${href} target=${target ?? nothing} rel=${rel ?? nothing}>${drawn ? icon(drawn) : nothing}${label}</a>`;
}

function actions(list: Action[]): TemplateResult {
  return html`<div class="actions">${list.map(({ label, url }) => anchor(url, label, 'button'))}</div>`;
}

function sources(list: Source[], { texts }: View): TemplateResult {
  return html`<p class="sources">
    ${texts.panel.sources} ${list.map(({ title, url }, index) => html`${index ? ' · ' : ''}${url ? anchor(url, title, 'source') : title}`)}
  </p>`;
}

export function contactCard(contact: Contact, { texts }: Pick<View, 'texts'>): TemplateResult {
  const { phone, whatsapp, email, hours } = contact;
  return html`<div class="contact" role="group" aria-label=${texts.panel.contact}>
    <strong>${texts.panel.contact}</strong>
    ${phone ? anchor(`tel:${phone.replace(/[^\d+]/g, '')}`, phone, 'button', PHONE) : nothing}
    ${whatsapp ? anchor(`https://wa.me/${whatsapp.replace(/\D/g, '')}`, `WhatsApp ${whatsapp}`, 'button', BUBBLE) : nothing}
    ${email ? anchor(`mailto:${email}`, email, 'button', MAIL) : nothing}
    ${hours ? html`<small>${fill(texts.panel.hours, { hours })}</small>` : nothing}
  </div>`;
}

function helpful(entry: Entry, { texts: { panel } }: View): TemplateResult {
  if (entry.thanked) return html`<span class="thanks" role="status">${panel.thanks}</span>`;
  const choice = (value: boolean, label: string) => html`<button type="button" data-helpful=${String(value)}>${label}</button>`;
  return html`<span class="helpful" role="group" aria-label=${panel.helpful}>${panel.helpful}${choice(true, panel.yes)}${choice(false, panel.no)}</span>`;
}

function footer(entry: Entry, message: MessageFrame, view: View): TemplateResult {
  const { panel } = view.texts;
  if (entry.status === 'failed') {
    const why = [panel.failed, entry.reason].filter(Boolean).join(': ');
    return html`<footer>${why} <button type="button" data-act="again">${panel.retry}</button></footer>`;
  }
  if (entry.status === 'sending') return html`<footer>${view.queued ? panel.waiting : panel.sending}</footer>`;
  const finish = FINISHES[message.finish ?? 'complete'];
  const facts = [message.sender === 'operator' && panel.operator, clock(message.at, view.locale), finish && panel[finish]];
  const answer = message.sender === 'assistant' && message.inReplyTo;
  return html`<footer>
    ${facts.filter(Boolean).join(' · ')}
    ${answer ? html`<button type="button" data-act="copy">${view.copied === entry.key ? panel.copied : panel.copy}</button>` : nothing}
    ${answer && message.finish !== 'cancelled' ? helpful(entry, view) : nothing}
  </footer>`;
}

function body(message: MessageFrame): DocumentFragment | string {
  return message.sender === 'user' ? message.content : markdown(message.content);
}

export function messageView(entry: Entry, view: View): TemplateResult {
  const message = entry.message!;
  const { sender, contact } = message;
  return html`<article class="${sender} ${entry.status ?? ''}" data-key=${entry.key}>
    <span class="unseen">${speaker(sender, view)}: </span>
    <div class="bubble">${body(message)}</div>
    ${message.actions?.length ? actions(message.actions) : nothing}
    ${contact ? contactCard(contact, view) : nothing}
    ${message.sources?.length ? sources(message.sources, view) : nothing}
    ${footer(entry, message, view)}
  </article>`;
}

export function notificationView({ title, body, url, level, at }: Notification, { locale }: View): TemplateResult {
  return html`<article class="notification ${level === 'warning' ? 'warning' : ''}">
    <div class="bubble"><strong>${title}</strong><br />${body} ${url ? anchor(url, url, 'source') : nothing}</div>
    <footer>${clock(at, locale)}</footer>
  </article>`;
}

/** A reply while it is written; a screen reader is given it whole, later. */
export function replyView(reply: Reply, { texts }: View): TemplateResult | typeof nothing {
  if (!reply.visible && !reply.replaced.length) return nothing;
  return html`<article class="assistant">
    ${reply.replaced.map((text) => html`<div class="bubble replaced"><small>${texts.panel.replaced}</small><s>${text}</s></div>`)}
    ${reply.visible ? html`<div class="bubble">${markdown(unfinished(reply.visible))}</div>` : nothing}
  </article>`;
}
