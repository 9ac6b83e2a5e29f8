// What conversations are looked for by. The address holds it, so that a search can be kept and sent to somebody.

import { html, type TemplateResult } from 'lit';
import { field } from '../parts';
import { go } from '../page';
import { t } from '../texts';

type Choices = Record<string, string>;
const NAMES = ['q', 'from', 'to', 'userType', 'rating', 'escalated', 'active'];

/** What the address asks for, as the API takes it. */
export function wanted(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value));
}

function submit(event: SubmitEvent): void {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  go('conversations', '', Object.fromEntries(NAMES.map((name) => [name, String(given.get(name) ?? '').trim()])));
}

export function filtersView(query: URLSearchParams, wrong: (field: string) => string): TemplateResult {
  const given = (name: string) => query.get(name) ?? '';
  const date = (name: string) => field(t(`conversations.${name}`), html`<input type="date" name=${name} .value=${given(name)}>`, wrong(name));
  const choice = (name: string, choices: Choices) => field(t(`conversations.${name}`), choiceOf(name, choices, given(name)));
  const yesOrNo = { true: t('shell.yes'), false: t('shell.no') };
  const types = Object.fromEntries(['client', 'provider', 'anonymous'].map((type) => [type, t(`people.${type}`)]));
  const ratings = Object.fromEntries([5, 4, 3, 2, 1].map((rating) => [rating, t('people.stars', { rating })]));
  return html`<form class="panel filters" role="search" @submit=${submit}>
    ${field(t('conversations.q'), html`<input type="search" name="q" maxlength="200" .value=${given('q')}>`, wrong('q'))}
    <button>${t('conversations.find')}</button>
    ${date('from')} ${date('to')} ${choice('userType', types)} ${choice('rating', ratings)}
    ${choice('escalated', yesOrNo)} ${choice('active', { true: t('conversations.activeOnly') })}
  </form>`;
}

function choiceOf(name: string, choices: Choices, chosen: string): TemplateResult {
  return html`<select name=${name}><option value="">${t('conversations.any')}</option>
    ${Object.entries(choices).map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}</select>`;
}
