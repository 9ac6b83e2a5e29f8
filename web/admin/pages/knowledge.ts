// The entries that the assistant answers from: found, listed, and one of them in the editor.

import { html, nothing, type TemplateResult } from 'lit';
import { KnowledgeEditor, NEW } from '../knowledge/editor';
import { CATEGORIES, type Entry, type Listed } from '../knowledge/entry';
import { link, Page } from '../page';
import { badge, empty, field, more, table } from '../parts';
import { day, t } from '../texts';

const LIMIT = '30';

customElements.define('knowledge-editor', KnowledgeEditor);

export class KnowledgePage extends Page {
  static override properties = { asked: { state: true }, entries: { state: true }, cursor: { state: true } };

  declare private asked: Record<string, string>;
  declare private entries: Entry[];
  declare private cursor: string | null;

  constructor() {
    super();
    this.asked = {};
    this.entries = [];
    this.cursor = null;
  }

  async load(): Promise<void> {
    if (!this.route.id) await this.find(Object.fromEntries(this.route.query));
  }

  body(): TemplateResult {
    const { id } = this.route;
    if (id) return html`<knowledge-editor .api=${this.api} .role=${this.role} .route=${this.route}></knowledge-editor>`;
    return html`${this.filter()}${this.list()}${more(this.cursor, this.busy, () => void this.attempt(() => this.next()))}`;
  }

  private async find(asked: Record<string, string>): Promise<void> {
    this.asked = asked;
    this.entries = [];
    this.cursor = '';
    await this.next();
  }

  private async next(): Promise<void> {
    const { asked } = this;
    const page = await this.api.get<Listed<Entry>>('/knowledge', { ...asked, limit: LIMIT, cursor: this.cursor! });
    if (asked !== this.asked) return; // something else was asked meanwhile
    this.entries = [...this.entries, ...page.items];
    this.cursor = page.nextCursor;
  }

  private filter(): TemplateResult {
    const options = (name: string, values: string[]) =>
      ['', ...values].map((one) => html`<option value=${one} .selected=${(this.asked[name] ?? '') === one}>${t(`knowledge.${name}_${one || 'any'}`)}</option>`);
    return html`<form class="row" role="search" @submit=${this.search} @change=${this.search}>
      ${field(t('knowledge.search'), html`<input type="search" name="q" maxlength="200" .value=${this.asked.q ?? ''} />`)}
      ${field(t('knowledge.category'), html`<select name="category">${options('category', CATEGORIES)}</select>`)}
      ${field(t('knowledge.state'), html`<select name="active">${options('active', ['true', 'false'])}</select>`)}
      <button class="second">${t('knowledge.find')}</button>
      ${this.may('admin') ? html`<a class="button" href=${link('knowledge', NEW)}>${t('knowledge.new')}</a>` : nothing}
    </form>`;
  }

  private readonly search = (event: Event): void => {
    event.preventDefault();
    const asked = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement) as unknown as Iterable<[string, string]>);
    history.replaceState(null, '', link('knowledge', '', asked)); // the page stays, and with it the cursor in its field
    void this.attempt(() => this.find(asked));
  };

  private list(): TemplateResult {
    if (!this.entries.length) return empty(t(this.cursor ? 'knowledge.furtherOn' : 'knowledge.none'));
    const columns = ['title', 'category', 'audience', 'locale', 'asked', 'state', 'updated'].map((name) => t(`knowledge.${name}`));
    return table(columns, this.entries.map(row), t('knowledge.entries'));
  }
}

function row(one: Entry): (string | number | TemplateResult)[] {
  return [
    html`<a href=${link('knowledge', one.id)}>${one.title}</a> <small>${one.id}</small>`,
    t(`knowledge.category_${one.category}`),
    t(`knowledge.audience_${one.audience}`),
    one.locale,
    one.questions.length,
    badge(t(one.active ? 'knowledge.on' : 'knowledge.off'), one.active ? 'good' : 'warn'),
    one.updatedAt ? html`${day(one.updatedAt)} <small>${one.updatedBy}</small>` : one.updatedBy,
  ];
}
