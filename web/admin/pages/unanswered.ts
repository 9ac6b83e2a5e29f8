// What people asked in vain, and how it becomes better knowledge; the questions that watch over that.

import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type Listed, LOCALES, USER_TYPES } from '../knowledge/entry';
import { type Group, UnansweredGroup } from '../knowledge/group';
import { KnowledgeRegression } from '../knowledge/regression';
import { link, Page } from '../page';
import { empty, field } from '../parts';
import { t } from '../texts';

type Asked = Record<string, string>;

customElements.define('unanswered-group', UnansweredGroup);
customElements.define('knowledge-regression', KnowledgeRegression);

export class UnansweredPage extends Page {
  static override properties = { asked: { state: true }, groups: { state: true } };

  declare private asked: Asked;
  declare private groups: Group[];

  constructor() {
    super();
    this.asked = {};
    this.groups = [];
  }

  async load(): Promise<void> {
    this.asked = Object.fromEntries(this.route.query);
    if (!this.regression) await this.find();
  }

  private get regression(): boolean {
    return this.route.id === 'regression';
  }

  body(): TemplateResult {
    const tab = (id: string, name: string) => html`<a href=${link('unanswered', id)} aria-current=${this.route.id === id ? 'page' : nothing}>${t(`unanswered.${name}`)}</a>`;
    return html`<div class="tabs" role="group" aria-label=${t('unanswered.parts')}>${tab('', 'groups')}${tab('regression', 'regression')}</div>
      ${this.regression ? html`<knowledge-regression .api=${this.api} .role=${this.role} .route=${this.route}></knowledge-regression>` : html`${this.form()}${this.list()}`}`;
  }

  private async find(): Promise<void> {
    const { asked } = this;
    const found = await this.api.get<Listed<Group>>('/analytics/unanswered', { ...asked, limit: '50' });
    if (asked === this.asked) this.groups = found.items;
  }

  private form(): TemplateResult {
    const options = (name: string, values: string[]) =>
      ['', ...values].map((one) => html`<option value=${one} .selected=${(this.asked[name] ?? '') === one}>${t(`search.${name}_${one || 'any'}`)}</option>`);
    const date = (name: string) => field(t(`unanswered.${name}`), html`<input type="date" name=${name} .value=${this.asked[name] ?? ''} />`, this.wrong(name) && t('unanswered.wrongDays'));
    return html`<form class="row" @submit=${this.choose} @change=${this.choose}>
      ${date('from')}${date('to')}
      ${field(t('search.userType'), html`<select name="userType">${options('userType', USER_TYPES)}</select>`)}
      ${field(t('search.locale'), html`<select name="locale">${options('locale', LOCALES)}</select>`)}
    </form>
    <p class="quiet">${t('unanswered.hint')}</p>`;
  }

  private readonly choose = (event: Event): void => {
    event.preventDefault();
    this.asked = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement) as unknown as Iterable<[string, string]>);
    history.replaceState(null, '', link('unanswered', '', this.asked)); // the page stays, and with it the cursor in its field
    void this.attempt(() => this.find());
  };

  private list(): TemplateResult {
    if (!this.groups.length) return empty(t('unanswered.none'));
    return html`<ol class="plain groups">${repeat(this.groups, (group) => group.questions[0], (group) => this.group(group))}</ol>`;
  }

  private group(group: Group): TemplateResult {
    return html`<li><unanswered-group .api=${this.api} .role=${this.role} .route=${this.route} .group=${group}></unanswered-group></li>`;
  }
}
