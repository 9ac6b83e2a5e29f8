// One entry: written, tried on the regression questions, saved, turned on and off, taken back to an earlier version.

import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { go, link, Page } from '../page';
import { badge, confirmed } from '../parts';
import { t } from '../texts';
import { conflict } from './conflict';
import { BLANK, different, type Draft, draftOf, emergency, type Entry, ifMatch, merged, type Name, path, tidied } from './entry';
import { type Evaluated, evaluation } from './evaluation';
import { fields } from './fields';
import { Leaving } from './leaving';
import { preview } from './preview';
import { KnowledgeHistory } from './history';

export const NEW = '+'; // no entry's id

customElements.define('knowledge-history', KnowledgeHistory);

export class KnowledgeEditor extends Page {
  static override properties = { entry: { state: true }, draft: { state: true }, theirs: { state: true }, evaluated: { state: true }, done: { state: true }, history: { state: true } };

  declare private entry: Entry | undefined;
  declare private draft: Draft;
  declare private theirs: Entry | undefined;
  declare private evaluated: Evaluated | undefined;
  declare private done: string;
  declare private history: boolean; // is wanted

  constructor() {
    super();
    this.draft = BLANK;
    this.done = '';
    this.history = false;
    new Leaving(this, () => this.may('admin') && this.changed.length > 0);
  }

  async load(): Promise<void> {
    if (this.route.id !== NEW) this.take(await this.api.get<Entry>(path(this.route.id)));
  }

  body(): TemplateResult {
    if (!this.entry && this.route.id !== NEW) return html`<p><a href=${link('knowledge')}>${t('knowledge.back')}</a></p>`;
    return html`
      <p><a href=${link('knowledge')}>${t('knowledge.back')}</a></p>
      ${this.heading()}
      ${this.theirs ? conflict({ base: this.base, mine: this.mine, theirs: this.theirs }, this.keepMine, this.takeTheirs) : nothing}
      <div class="editor">
        <form class="panel" @submit=${this.submit}>
          <fieldset class="plain" ?disabled=${!this.may('admin')}>
            ${fields({ base: this.base, draft: this.draft, errors: this.problem?.errors ?? [], set: this.set })}
          </fieldset>
          ${this.may('admin') ? this.actions() : nothing}
        </form>
        <div>${this.beside()}</div>
      </div>`;
  }

  /** What the draft was made from, and what would be sent. */
  private get base(): Draft {
    return this.entry ? draftOf(this.entry) : BLANK;
  }

  private get mine(): Draft {
    return tidied(this.draft, this.base);
  }

  private get changed(): Name[] {
    return different(this.mine, this.base);
  }

  private heading(): TemplateResult {
    const { entry } = this;
    return html`<header class="title">
      <h2>${entry?.title ?? t('knowledge.new')}</h2>
      ${entry ? html`${badge(t(entry.active ? 'knowledge.on' : 'knowledge.off'), entry.active ? 'good' : 'warn')}
        <span class="quiet">${entry.id} · ${t('knowledge.version', { version: entry.version })}</span>` : nothing}
    </header>`;
  }

  private actions(): TemplateResult {
    const { entry } = this;
    const toggle = entry?.active ? 'turnOff' : 'turnOn';
    return html`<p class="actions">
      <button ?disabled=${this.busy}>${t('knowledge.save')}</button>
      ${emergency(entry) ? nothing : html`<button type="button" class="second" ?disabled=${this.busy} @click=${() => this.turn(!(entry?.active ?? true))}>
        ${t(entry ? `knowledge.${toggle}` : 'knowledge.saveOff')}</button>`}
      <span role="status">${this.changed.length ? t('knowledge.unsaved') : this.done}</span>
    </p>
    ${emergency(entry) ? html`<p class="quiet">${t('knowledge.emergency')}</p>` : nothing}`;
  }

  private beside(): TemplateResult {
    const { entry } = this;
    const question = this.mine.questions[0] ?? this.mine.title;
    return html`
      ${preview(this.draft)}
      <section class="panel" aria-label=${t('unanswered.regression')}>
        <h3>${t('unanswered.regression')}</h3>
        <p class="quiet">${t('knowledge.hintEvaluate')}</p>
        <p class="actions"><button type="button" class="second" ?disabled=${this.busy} @click=${this.evaluate}>${t('knowledge.evaluate')}</button>
          ${question ? html`<a href=${link('search', '', { q: question })}>${t('knowledge.tryIt')}</a>` : nothing}</p>
        ${this.evaluated ? evaluation(this.evaluated) : nothing}
      </section>
      ${entry ? html`<details class="panel" @toggle=${(event: Event) => (this.history = (event.target as HTMLDetailsElement).open)}>
        <summary>${t('knowledge.history')}</summary>
        ${this.history ? this.versions(entry) : nothing}
      </details>` : nothing}
      ${entry && this.may('admin') && !emergency(entry) ? html`<p><button type="button" class="danger" ?disabled=${this.busy} @click=${this.purge}>${t('knowledge.purge')}</button></p>` : nothing}`;
  }

  private versions(entry: Entry): unknown {
    const restored = (event: CustomEvent<Entry>) => this.saved(event.detail);
    return keyed(entry.version, html`<knowledge-history .api=${this.api} .route=${this.route} .role=${this.role} .entry=${entry} @restored=${restored}></knowledge-history>`);
  }

  private readonly set = <N extends Name>(name: N, value: Draft[N]): void => {
    this.draft = { ...this.draft, [name]: value };
    this.evaluated = undefined; // it was of another draft
  };

  private take(entry: Entry): void {
    this.entry = entry;
    this.draft = draftOf(entry);
    this.theirs = undefined;
  }

  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.save(this.mine);
  };

  private async save(draft: Draft): Promise<void> {
    const { entry } = this;
    const send = () =>
      entry ? this.api.send<Entry>('PUT', path(entry.id), draft, ifMatch(entry)) : this.api.send<Entry>('POST', '/knowledge', draft);
    const saved = await this.attempt(send);
    if (saved) this.saved(saved);
    else if (this.problem?.status === 412 && entry) this.theirs = await this.attempt(() => this.api.get<Entry>(path(entry.id)));
    if (!saved) await this.showWhy();
  }

  private async showWhy(): Promise<void> {
    await this.updateComplete;
    const place = this.querySelector<HTMLElement>('[aria-invalid=true]') ?? this.querySelector<HTMLElement>('[role=alert]');
    place?.scrollIntoView({ block: 'center' });
    place?.focus();
  }

  private saved(entry: Entry): void {
    this.take(entry);
    this.done = t('knowledge.saved', { version: entry.version });
    history.replaceState(null, '', link('knowledge', entry.id)); // it may have been new
  }

  /** Saves what was written, too: what is turned on is what is seen. */
  private turn(active: boolean): void {
    const form = this.querySelector('form')!;
    if (form.reportValidity()) void this.save({ ...this.mine, active });
  }

  private readonly evaluate = async (): Promise<void> => {
    const change = { entry: { ...this.mine, active: true }, ...(this.entry ? { entryId: this.entry.id } : {}) };
    this.evaluated = await this.attempt(() => this.api.send<Evaluated>('POST', '/knowledge/evaluate', change));
  };

  private readonly keepMine = (): void => {
    const theirs = this.theirs!;
    const mine = merged(this.base, this.mine, draftOf(theirs));
    this.take(theirs);
    this.draft = mine;
  };

  private readonly takeTheirs = (): void => this.take(this.theirs!);

  private readonly purge = async (): Promise<void> => {
    const entry = this.entry!;
    if (!(await confirmed(t('knowledge.askPurge', { title: entry.title })))) return;
    const gone = await this.attempt(async () => {
      await this.api.send('DELETE', `${path(entry.id)}?purge=true`, undefined, ifMatch(entry));
      return true;
    });
    if (!gone) return;
    this.draft = this.base;
    go('knowledge');
  };
}
