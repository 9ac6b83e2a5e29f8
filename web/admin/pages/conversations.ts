// Conversations: found, read with where each answer came from, and taken away as a file.

import { html, nothing, type TemplateResult } from 'lit';
import { go, link, Page } from '../page';
import { empty, more, table } from '../parts';
import { exported } from '../people/exported';
import { filtersView, wanted } from '../people/filters';
import type { Conversation, Listed, Message, Whole } from '../people/records';
import { person, stars, statusView } from '../people/said';
import { figuresView, threadView } from '../people/transcript';
import { Why } from '../people/why';
import { day, number, seconds, t, time } from '../texts';

customElements.define('admin-why', Why); // here: the build drops a module of which nothing is imported

export class ConversationsPage extends Page {
  static override properties = { writing: { state: true }, file: { state: true } };

  declare private writing: number | undefined; // conversations, into a large file
  declare private file: string; // where a file is that is kept elsewhere
  private items: Conversation[] = [];
  private next: string | null = null;
  private whole: Whole | undefined;
  private searched: Record<string, string> = {}; // to come back to

  async load(): Promise<void> {
    const { route } = this;
    this.whole = undefined;
    this.file = '';
    this.items = [];
    this.next = null;
    if (!route.id) {
      this.searched = wanted(route.query);
      return this.fetch('');
    }
    const whole = await this.api.get<Whole>(`/conversations/${encodeURIComponent(route.id)}`);
    if (route === this.route) this.whole = whole;
  }

  private async fetch(cursor: string): Promise<void> {
    const { route } = this;
    const { items, nextCursor } = await this.api.get<Listed<Conversation>>('/conversations', { ...wanted(route.query), cursor });
    if (route !== this.route) return;
    this.items = cursor ? [...this.items, ...items] : items;
    this.next = nextCursor;
  }

  body(): TemplateResult {
    if (this.route.id) return this.whole ? this.transcript(this.whole) : html`${this.back}`;
    return html`${filtersView(this.route.query, (name) => this.wrong(name))} ${this.list()}`;
  }

  private get back(): TemplateResult {
    return html`<p><a href=${link('conversations', '', this.searched)}>${t('conversations.back')}</a></p>`;
  }

  private list(): TemplateResult {
    const exporting = (format: string) => html`<button type="button" class="second" ?disabled=${this.busy} @click=${() => void this.export(format)}>${t(`conversations.${format}`)}</button>`;
    const since = this.next && t('conversations.searchedTo', { day: day(Number(this.next.split('.')[0])) });
    return html`<div class="row listed">
        <p role="status">${t('conversations.found', { count: this.items.length })} ${since ? html`<span class="quiet">${since}</span>` : nothing}</p>
        ${exporting('csv')} ${exporting('jsonl')}
      </div>
      <div role="status">
        ${this.writing === undefined ? nothing : html`<p class="quiet">${t('conversations.writing', { count: this.writing })}</p>`}
        ${this.file ? html`<p class="done">${t('conversations.ready')} <a href=${this.file}>${t('conversations.file')}</a></p>` : nothing}
      </div>
      ${this.items.length ? this.table() : empty(t(this.next ? 'conversations.noneYet' : 'conversations.none'))}
      <p class="more">${more(this.next, this.busy, () => void this.attempt(() => this.fetch(this.next ?? '')))}</p>`;
  }

  private async export(format: string): Promise<void> {
    this.file = '';
    const query = { ...wanted(this.route.query), format };
    this.file = (await this.attempt(() => exported(this.api, query, (count) => (this.writing = count)))) ?? '';
    this.writing = undefined;
  }

  private table(): TemplateResult {
    const columns = ['began', 'who', 'status', 'messages', 'meanResponse', 'topics', 'rating'].map((name) => t(`conversations.${name}`));
    return table(columns, this.items.map(row), t('conversations.caption'));
  }

  private transcript(whole: Whole): TemplateResult {
    const { sessionId, status } = whole.conversation;
    const goesOn = status === 'active' || status === 'open';
    const why = (message: Message) => html`<admin-why .api=${this.api} .message=${message}></admin-why>`;
    return html`${this.back}
      <section class="panel">${figuresView(whole.conversation)}
        ${goesOn && this.may('operator') ? html`<button type="button" @click=${() => go('handoffs', sessionId)}>${t('conversations.join')}</button>` : nothing}
      </section>
      <h2>${t('conversations.transcript')}</h2>${threadView(whole, why)}`;
  }
}

function row(one: Conversation) {
  return [
    html`<a href=${link('conversations', one.sessionId)}>${time(one.createdAt)}</a>`,
    html`${person(one)}${one.name || one.user ? html`<br /><small>${t(`people.${one.userType}`)}</small>` : nothing}`,
    statusView(one),
    number(one.messages),
    one.meanResponseMs === null ? '—' : seconds(one.meanResponseMs),
    one.topics.slice(0, 3).join(', ') || '—',
    stars(one.rating),
  ];
}
