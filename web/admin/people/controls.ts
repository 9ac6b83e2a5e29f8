// What an operator can do about a live conversation: take it, or, who has it, answer, give it back and end it.

import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { field } from '../parts';
import { t } from '../texts';
import type { Desk } from './desk';

const NAME = 'console-speaker'; // the name people see, kept from one conversation to the next
const NAMES = String.raw`[\p{L}\p{N}_][\p{L}\p{N}_ .'\-]*`;
const LONGEST = 2000;

export function takeoverView(desk: Desk, operator: string | undefined): TemplateResult {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('name')).trim();
    localStorage.setItem(NAME, name);
    desk.takeOver(name);
  };
  if (operator) return html`<p class="quiet">${t('handoffs.heldByAnother')}</p>`;
  const name = html`<input name="name" required maxlength="60" pattern=${NAMES} title=${t('handoffs.nameHint')} autocomplete="nickname" .value=${localStorage.getItem(NAME) ?? ''}>`;
  return html`<form class="row" @submit=${submit}>${field(t('handoffs.yourName'), name)}<button ?disabled=${desk.busy}>${t('handoffs.takeOver')}</button></form>`;
}

export function composerView(desk: Desk): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    desk.say();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  };
  const words = html`<textarea rows="2" maxlength=${LONGEST} .value=${live(desk.text)} @keydown=${pressed}
    @input=${(event: Event) => desk.write((event.target as HTMLTextAreaElement).value)}></textarea>`;
  return html`<form class="composer" @submit=${submit}>
    ${field(t('handoffs.answer'), words)}
    <div class="row">
      <button ?disabled=${!desk.text.trim()}>${t('handoffs.send')}</button>
      <button type="button" class="second" ?disabled=${desk.busy} @click=${() => desk.release()}>${t('handoffs.release')}</button>
      <button type="button" class="danger" ?disabled=${desk.busy} @click=${() => void desk.end()}>${t('handoffs.end')}</button>
    </div>
  </form>`;
}
