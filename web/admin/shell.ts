// The console itself: who is signed in, the menu, and the page that the address names.

import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { Refused } from './api';
import { enter, forget, remembered, type SignedIn } from './entry';
import { type Page, type Role, type Route, link, routeOf, told } from './page';
import { PAGES } from './pages';
import { choose, locale, t } from './texts';

const RANK: Role[] = ['viewer', 'operator', 'admin'];

for (const { name, element } of PAGES) customElements.define(`admin-${name}`, element);

export class Shell extends LitElement {
  static override properties = { signedIn: { state: true }, route: { state: true }, refused: { state: true }, starting: { state: true } };

  declare private signedIn: SignedIn | undefined;
  declare private route: Route;
  declare private refused: Refused | undefined;
  declare private starting: boolean;
  private shown: Page | undefined;

  constructor() {
    super();
    this.starting = true;
    this.route = routeOf(location.hash);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.moved);
    this.addEventListener('signed-out', this.leave);
    void this.take(remembered()).then(() => (this.starting = false));
  }

  private readonly moved = (event: HashChangeEvent): void => {
    if (!dispatchEvent(new CustomEvent('leaving', { cancelable: true, detail: event }))) return; // somebody asks first
    this.route = routeOf(location.hash);
    scrollTo(0, 0);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('h1')?.focus());
  };

  private readonly leave = (): void => {
    forget();
    this.signedIn = this.shown = undefined;
  };

  private async take(entering: Promise<SignedIn | undefined>): Promise<void> {
    this.refused = undefined;
    try {
      this.signedIn = await entering;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refused = error;
    }
  }

  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const key = new FormData(event.target as HTMLFormElement).get('key') as string;
    void this.take(enter(key.trim()));
  };

  protected override render(): TemplateResult {
    if (this.starting) return html``;
    return this.signedIn ? this.console(this.signedIn) : this.door();
  }

  private door(): TemplateResult {
    const why = this.refused && (this.refused.title === 'link' ? t('shell.usedLink') : this.refused.status === 401 ? t('shell.wrongKey') : told(this.refused));
    return html`<main class="door">
      <h1>${t('shell.title')}</h1>
      <form @submit=${this.submit}>
        <label class="field"><span>${t('shell.key')}</span><input name="key" type="password" autocomplete="current-password" required autofocus></label>
        ${why ? html`<p class="alert" role="alert">${why}</p>` : nothing}
        <button>${t('shell.enter')}</button>
        <p class="quiet">${t('shell.hint')}</p>
      </form>
    </main>`;
  }

  private console(signedIn: SignedIn): TemplateResult {
    const allowed = PAGES.filter(({ needs }) => RANK.indexOf(signedIn.me.role) >= RANK.indexOf(needs));
    const current = allowed.find(({ name }) => name === this.route.page) ?? allowed[0]!;
    return html`
      <header>
        <a class="logo" href=${link('')}>${t('shell.title')}</a>
        <nav aria-label=${t('shell.menu')}>
          ${allowed.map(({ name }) => html`<a href=${link(name)} aria-current=${name === current.name ? 'page' : nothing}>${t(`shell.${name}`)}</a>`)}
        </nav>
        <p class="who"><span>${t(`shell.${signedIn.me.role}`)}</span>
          <button type="button" class="plain" lang=${other} @click=${() => choose(other)}>${other === 'en' ? 'English' : 'Português'}</button>
          <button type="button" class="plain" @click=${this.leave}>${t('shell.leave')}</button></p>
      </header>
      <main><h1 tabindex="-1">${t(`shell.${current.name}`)}</h1>${this.page(current.name, signedIn)}</main>`;
  }

  /** The page's element is kept while its name stays, so that it keeps what was typed. */
  private page(name: string, { api, me }: SignedIn): Page {
    if (this.shown?.localName !== `admin-${name}`) this.shown = document.createElement(`admin-${name}`) as Page;
    return Object.assign(this.shown, { api, role: me.role, route: this.route });
  }
}

const other = locale === 'en' ? 'pt-BR' : 'en';
