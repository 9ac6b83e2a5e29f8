// One group of questions that were asked in vain: chosen from, then made a new entry, or given to one that is there.

import { html, nothing, type TemplateResult } from 'lit';
import { go, Page } from '../page';
import { badge, field } from '../parts';
import { t, time } from '../texts';
import { CATEGORIES, draftOf, type Entry, ifMatch, path } from './entry';
import { entryLink, type Evaluated, evaluation } from './evaluation';

export interface Group {
  count: number;
  unanswered: number;
  unhelpful: number;
  lastAt: string;
  questions: string[];
  entryIds: string[];
  keptIn: string | null;
}

interface Near {
  entryId: string;
  title: string;
}

export class UnansweredGroup extends Page {
  static override properties = { group: { attribute: false }, chosen: { state: true }, near: { state: true }, entry: { state: true }, told: { state: true }, added: { state: true } };

  declare group: Group;
  declare private chosen: string[];
  declare private near: Near[];
  declare private entry: Entry | undefined;
  declare private told: Evaluated | undefined;
  declare private added: Entry | undefined;
  private watched = true;

  constructor() {
    super();
    this.near = [];
  }

  async load(): Promise<void> {
    this.chosen = this.group.questions;
  }

  body(): TemplateResult {
    const { group } = this;
    return html`<details class="panel" @toggle=${this.opened}>
      <summary>
        ${badge(t('unanswered.times', { count: group.count }), 'warn')} <strong>${group.questions[0]}</strong>
        <small>${this.reasons()} · ${t('unanswered.last', { at: time(group.lastAt) })}</small>
        ${group.keptIn ? badge(t('unanswered.kept'), 'good') : nothing}
      </summary>
      ${group.keptIn ? html`<p>${t('unanswered.keptIn')} ${entryLink(group.keptIn)}</p>` : nothing}
      ${group.entryIds.length ? html`<p class="quiet">${t('unanswered.answeredFrom')} ${group.entryIds.map((id) => html`${entryLink(id)} `)}</p>` : nothing}
      ${this.questions()}
      ${this.may('admin') ? html`${this.newEntry()}${this.existing()}` : nothing}
      ${this.added ? html`<p class="done" role="status">${t('unanswered.added', { version: this.added.version })} ${entryLink(this.added.id)}</p>` : nothing}
    </details>`;
  }

  private reasons(): string {
    const { unanswered, unhelpful } = this.group;
    return [unanswered && t('unanswered.without', { count: unanswered }), unhelpful && t('unanswered.unhelpful', { count: unhelpful })].filter(Boolean).join(', ');
  }

  private questions(): TemplateResult {
    const choose = (question: string) => (event: Event) => {
      const taken = (event.target as HTMLInputElement).checked;
      this.chosen = this.group.questions.filter((one) => (one === question ? taken : this.chosen.includes(one)));
      this.told = undefined; // it was of other questions
    };
    const watch = (event: Event) => (this.watched = (event.target as HTMLInputElement).checked);
    const box = (one: string) => html`<label class="check"><input type="checkbox" .checked=${this.chosen.includes(one)} @change=${choose(one)} /> ${one}</label>`;
    return html`<fieldset class="plain"><legend>${t('unanswered.asked')}</legend>${this.group.questions.map(box)}</fieldset>
      ${this.may('admin') ? html`<label class="check"><input type="checkbox" .checked=${this.watched} @change=${watch} /> ${t('unanswered.watch')}</label>` : nothing}`;
  }

  private newEntry(): TemplateResult {
    return html`<form class="row" @submit=${this.write}>
      ${field(t('knowledge.category'), html`<select name="category">${CATEGORIES.map((one) => html`<option value=${one} .selected=${one === 'faq'}>${t(`knowledge.category_${one}`)}</option>`)}</select>`)}
      <button ?disabled=${this.busy || !this.chosen.length}>${t('unanswered.write')}</button>
    </form>`;
  }

  private existing(): TemplateResult {
    return html`<form class="row" @submit=${this.try}>
      ${field(t('unanswered.other'), html`<input name="entry" required maxlength="64" list=${this.listId} />`, '', t('unanswered.otherHint'))}
      <datalist id=${this.listId}>${this.near.map((one) => html`<option value=${one.entryId}>${one.title}</option>`)}</datalist>
      <button class="second" ?disabled=${this.busy || !this.chosen.length}>${t('unanswered.try')}</button>
    </form>
    ${this.told && this.entry ? html`<section aria-label=${t('unanswered.scores')}>
      ${evaluation(this.told)}
      <p class="actions"><button type="button" ?disabled=${this.busy} @click=${this.add}>${t('unanswered.addTo', { title: this.entry.title })}</button></p>
    </section>` : nothing}`;
  }

  private get listId(): string {
    return `near-${this.group.lastAt}-${this.group.questions[0]}`.replace(/\W+/g, '-');
  }

  /** The entries that come nearest are offered. */
  private readonly opened = (event: Event): void => {
    if (!(event.target as HTMLDetailsElement).open || this.near.length || !this.may('admin')) return;
    const asked = { query: this.group.questions[0], limit: 8 };
    void this.attempt(async () => (this.near = (await this.api.send<{ items: Near[] }>('POST', '/knowledge/search', asked)).items));
  };

  private readonly write = (event: SubmitEvent): void => {
    event.preventDefault();
    const category = new FormData(event.target as HTMLFormElement).get('category') as string;
    void this.attempt(async () => {
      const draft = await this.api.send<Entry>('POST', '/knowledge/drafts', { questions: this.chosen, category });
      await this.watch(draft.id);
      go('knowledge', draft.id);
    });
  };

  /** What it would do to the regression questions, the group's own among them. */
  private readonly try = (event: SubmitEvent): void => {
    event.preventDefault();
    const id = (new FormData(event.target as HTMLFormElement).get('entry') as string).trim();
    void this.attempt(async () => {
      this.entry = await this.api.get<Entry>(path(id));
      const entry = { ...draftOf(this.entry), questions: [...new Set([...this.entry.questions, ...this.chosen])] };
      this.told = await this.api.send<Evaluated>('POST', '/knowledge/evaluate', { entry, entryId: id });
    });
  };

  private readonly add = (): void => {
    const entry = this.entry!;
    void this.attempt(async () => {
      this.added = await this.api.send<Entry>('POST', `${path(entry.id)}/questions`, { questions: this.chosen }, ifMatch(entry));
      await this.watch(entry.id);
      this.told = undefined;
    });
  };

  private async watch(entryId: string): Promise<void> {
    if (this.watched) await this.api.send('POST', '/knowledge/questions', { question: this.chosen[0], entryId });
  }
}
