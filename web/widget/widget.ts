// The button: all that a page loads before somebody wants to chat. One tag embeds it:
// <script src="…/widget.js" async data-…></script>, or <chat-assistente …> beside a bare script tag.

import { identityToken, settle } from './identity';
import launcherStyles from './launcher.css?inline';
import { type Locale, fill, localeOf } from './locale';
import * as memory from './memory';
import type { Host, Panel } from './host';
import { errorStatus } from './page';
import { launcher as english } from './texts/en.json';
import { launcher as portuguese } from './texts/pt-BR.json';

declare const __PANELS__: Record<Locale, string>; // where the panel of each language is, from this script's own address
const TAG = 'chat-assistente';
const MOST_SHOWN = 99;
const script = (document.currentScript as HTMLScriptElement | null) ?? document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');
const home = script?.src || location.href;

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  chat: ['M12 3C6.800 3 2.600 6.500 2.600 10.900c0 2.300 1.200 4.400 3 5.800L5 21l4.300-2.600c.9.200 1.800.3 2.700.3 5.200 0 9.400-3.500 9.400-7.900S17.200 3 12 3Z', 'M9.600 9a2.500 2.500 0 1 1 3.600 2.300c-.8.400-1.200.9-1.200 1.600M12 15.300v.1'],
  down: ['m5 9 7 7 7-7'],
};

function make<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function icon(paths: string[]): SVGElement {
  const drawn = document.createElementNS(SVG, 'svg');
  drawn.setAttribute('viewBox', '0 0 24 24');
  drawn.setAttribute('aria-hidden', 'true');
  for (const d of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    drawn.append(path);
  }
  return drawn;
}

class ChatAssistente extends HTMLElement implements Host {
  static observedAttributes = ['identity-token', 'identity-url'];

  private panel: Panel | undefined;
  private root: HTMLElement | undefined;
  private loading: Promise<unknown> | undefined;
  private readonly button = make('button', { type: 'button', class: 'launcher', part: 'button' });
  private readonly badge = make('span', { class: 'badge', 'aria-hidden': 'true' });
  private count = Number(memory.unread.get());

  get locale(): Locale {
    return localeOf(this.getAttribute('locale'));
  }

  get socketUrl(): string {
    return this.getAttribute('socket-url') || new URL('ws', home).href.replace(/^http/, 'ws');
  }

  get assistantName(): string {
    return this.getAttribute('assistant-name') || 'Sophie';
  }

  get errorStatus(): number | undefined {
    return errorStatus(this.getAttribute('error-status'));
  }

  identityToken(): Promise<string> {
    return identityToken(this.getAttribute('identity-token'), this.getAttribute('identity-url'));
  }

  connectedCallback(): void {
    if (this.root) return;
    if (!this.signedIn) settle('');
    this.draw();
    if (memory.open.get()) void this.open(false);
    else if (this.errorStatus && memory.dismissed.get() !== location.pathname) this.tease();
  }

  /** Signing out or changing accounts within a page. */
  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (this.root && before && before !== now && !this.signedIn) this.signOut();
  }

  async open(focus = true): Promise<void> {
    this.root?.querySelector('.teaser')?.remove();
    this.button.ariaBusy = 'true'; // on a slow connection: seen, and read
    try {
      await this.prepare();
    } catch {
      this.loading = undefined;
      return this.say(this.texts.failed);
    } finally {
      this.button.ariaBusy = null;
    }
    memory.open.set('1');
    this.panel!.toggleAttribute('without-focus', !focus);
    this.panel!.minimised = false;
    this.read();
    this.show();
  }

  minimise(): void {
    memory.open.set('');
    if (this.panel) this.panel.minimised = true;
    this.show();
    this.button.focus();
  }

  missed(): void {
    this.count += 1;
    memory.unread.set(String(this.count));
    this.show();
  }

  /** Forget everything that was kept here. */
  signOut(): void {
    memory.clear();
    this.panel?.signOut();
    this.read();
    this.show();
  }

  private get signedIn(): boolean {
    return this.hasAttribute('identity-token') || this.hasAttribute('identity-url');
  }

  private get texts(): typeof portuguese {
    return this.locale === 'en' ? english : portuguese;
  }

  private get isOpen(): boolean {
    return Boolean(this.panel && !this.panel.minimised);
  }

  /** Load the window and draw it, unseen and without a connection. */
  private async prepare(): Promise<void> {
    await (this.loading ??= import(/* @vite-ignore */ new URL(__PANELS__[this.locale], home).href));
    this.panel ??= this.addPanel();
  }

  private addPanel(): Panel {
    const panel = document.createElement(`${TAG}-panel`) as Panel;
    panel.host = this;
    const theme = this.getAttribute('theme');
    if (theme) panel.setAttribute('theme', theme);
    this.root!.prepend(panel);
    return panel;
  }

  private draw(): void {
    const shadow = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(launcherStyles);
    shadow.adoptedStyleSheets = [sheet];
    const place = make('div', { class: 'place' }, this.button, this.badge);
    this.root = make('aside', { class: 'root', 'aria-label': this.texts.region, lang: this.locale }, place);
    shadow.append(this.root);
    const early = () => this.prepare().catch(() => (this.loading = undefined));
    for (const event of ['pointerenter', 'pointerdown', 'focus']) this.button.addEventListener(event, early, { once: true });
    this.button.addEventListener('click', () => (this.isOpen ? this.minimise() : void this.open()));
    this.show();
  }

  private show(): void {
    const { texts, isOpen, count } = this;
    const shown = count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
    const unread = count === 1 ? texts.unreadOne : fill(texts.unread, { count: shown });
    const name = isOpen ? texts.minimise : fill(texts.open, { name: this.assistantName });
    this.button.setAttribute('aria-label', count ? `${name} (${unread})` : name);
    this.button.setAttribute('aria-expanded', String(isOpen));
    this.button.title = isOpen ? texts.minimise : texts.hint;
    this.badge.textContent = count ? shown : '';
    this.button.replaceChildren(icon(isOpen ? ICONS.down : ICONS.chat));
    this.root?.classList.toggle('open', isOpen);
    const title = document.title.replace(/^\(\d+\+?\) /, '');
    if (count || title !== document.title) document.title = count ? `(${shown}) ${title}` : title;
  }

  private read(): void {
    this.count = 0;
    memory.unread.set('');
  }

  /** A page that failed: help is offered, small, and without a connection. */
  private tease(): void {
    const { texts } = this;
    const accept = make('button', { type: 'button', class: 'accept' }, texts.accept);
    const dismiss = make('button', { type: 'button', class: 'dismiss', 'aria-label': texts.dismiss }, '×');
    const teaser = make('div', { class: 'teaser' }, make('p', { role: 'status' }, texts.teaser), accept, dismiss);
    accept.addEventListener('click', () => void this.open());
    dismiss.addEventListener('click', () => {
      memory.dismissed.set(location.pathname);
      teaser.remove();
      this.button.focus();
    });
    this.root?.prepend(teaser);
  }

  private say(text: string): void {
    const said = make('div', { class: 'teaser', role: 'alert' }, make('p', {}, text));
    this.root?.prepend(said);
  }
}

/** The element that a lone script tag stands for, with the tag's data-… as attributes. */
function embed(): void {
  if (document.querySelector(TAG)) return;
  const attributes = Object.entries(script?.dataset ?? {}).map(([name, value]) => [dashed(name), value ?? '']);
  const made = document.createElement(TAG);
  for (const [name, value] of attributes) made.setAttribute(name!, value!);
  document.body.append(made);
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

if (!customElements.get(TAG)) {
  customElements.define(TAG, ChatAssistente);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', embed);
  else embed();
}
