// A question as the assistant's search takes it: what it finds, how sure it is, and why each entry was found.

import { html, nothing, type TemplateResult } from 'lit';
import { LOCALES, USER_TYPES } from '../knowledge/entry';
import { found, type Found, verdict, words } from '../knowledge/found';
import { link, Page } from '../page';
import { empty, field } from '../parts';
import { t } from '../texts';

type Asked = Record<string, string>;

export class SearchPage extends Page {
  static override properties = { asked: { state: true }, told: { state: true } };

  declare private asked: Asked;
  declare private told: Found | undefined;

  constructor() {
    super();
    this.asked = {};
  }

  async load(): Promise<void> {
    this.asked = Object.fromEntries(this.route.query);
    this.told = this.asked.q ? await this.search(this.asked) : undefined;
  }

  body(): TemplateResult {
    const { told } = this;
    return html`${this.form()}
      ${told ? html`<div role="status">${verdict(told)}</div>` : html`<p class="quiet">${t('search.hint')}</p>`}
      ${told?.readings ? words(told.readings) : nothing}
      ${told ? (told.items.length ? html`<ol class="found plain">${told.items.map(found)}</ol>` : empty(t('search.nothing'))) : nothing}`;
  }

  private form(): TemplateResult {
    const options = (name: string, values: string[]) =>
      values.map((one) => html`<option value=${one} .selected=${(this.asked[name] ?? values[0]) === one}>${t(`search.${name}_${one || 'any'}`)}</option>`);
    return html`<form class="row" role="search" @submit=${this.ask}>
      <div class="wide">${field(t('search.question'), html`<input type="search" name="q" maxlength="2000" required .value=${this.asked.q ?? ''} />`)}</div>
      ${field(t('search.userType'), html`<select name="userType">${options('userType', USER_TYPES)}</select>`)}
      ${field(t('search.locale'), html`<select name="locale">${options('locale', ['', ...LOCALES])}</select>`)}
      <button ?disabled=${this.busy}>${t('search.search')}</button>
    </form>`;
  }

  private readonly ask = (event: SubmitEvent): void => {
    event.preventDefault();
    const asked = Object.fromEntries(new FormData(event.target as HTMLFormElement) as unknown as Iterable<[string, string]>);
    this.asked = asked;
    history.replaceState(null, '', link('search', '', asked)); // the page stays, and with it the cursor in its field
    void this.attempt(async () => (this.told = await this.search(asked)));
  };

  private search({ q, userType, locale }: Asked): Promise<Found> {
    const asked = { query: q, userType: userType || USER_TYPES[0], locale: locale || null, explain: true };
    return this.api.send<Found>('POST', '/knowledge/search', asked);
  }
}
