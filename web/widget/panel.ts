// The window: what the conversation is, as a person sees it and uses it.

import { LitElement, type PropertyValues, html, nothing, unsafeCSS } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { Chat } from './chat';
import { closingView, composerView, headerView, newestView, noticeView, writingView } from './chrome';
import type { Entry } from './conversation';
import type { Host, Panel } from './host';
import { Drawn } from './drawn';
import { markdown } from './markdown';
import * as memory from './memory';
import styles from './panel.css?inline';
import { fillsScreen, fit, trap } from './screen';
import { Scroller } from './scroller';
import { texts } from './texts';
import { themes } from './themes';
import { afterPaint } from './timers';
import { save, transcript } from './transcript';
import { type View, clock, dateOf, entryView, replyView } from './views';

const TOAST = 6000;
const NEWEST = 12;
const QUIET = 500;

export class ChatPanel extends LitElement implements Panel {
  static override styles = [unsafeCSS(styles), themes];
  static override properties = { minimised: { attribute: false }, host: { attribute: false } };

  declare host: Host;
  declare minimised: boolean;
  chat!: Chat;
  menuOpen = false;
  closing = false;
  stopping = false;
  rating = 0;
  toast = '';
  text = memory.draft.get();
  private copied = '';
  private quiet = true; // a live region would read a whole history aloud
  private readonly scroller = new Scroller(() => this.renderRoot.querySelector('.scroll'), () => this.requestUpdate());
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  private frame = 0;
  private speaking: ReturnType<typeof setTimeout> | undefined;
  private readonly drawn = new Drawn();
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.minimised = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.chat) return;
    this.chat = new Chat(this.host, () => this.refresh(), (words) => this.say(words));
    this.chat.restore();
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.escape(event));
    window.visualViewport?.addEventListener('resize', () => fit(this.renderRoot));
    window.visualViewport?.addEventListener('scroll', () => fit(this.renderRoot));
  }

  readonly texts = texts;

  get name(): string {
    return this.chat.conversation.name || this.host.assistantName;
  }

  get view(): View {
    const queued = this.chat.status.state !== 'online' && this.chat.status.state !== 'busy';
    return { texts: this.texts, locale: this.host.locale, name: this.name, queued, copied: this.copied };
  }

  signOut(): void {
    this.text = '';
    this.chat.signOut();
    if (!this.minimised) this.chat.open();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('minimised')) this.attend();
  }

  protected override updated(changed: PropertyValues): void {
    this.layOut();
    this.scroller.after();
    fit(this.renderRoot);
    if (changed.has('minimised') && !this.minimised && !this.hasAttribute('without-focus')) this.focusField();
    const { replies, entries } = this.chat.conversation;
    const more = [...replies.values()].some((reply) => reply.shown < reply.text.length);
    if (more || this.drawn.due(entries)) this.frame ||= requestAnimationFrame(() => this.advance());
  }

  protected override firstUpdated(): void {
    // what takes long the first time, each in a task of its own, before there is a message that waits for it
    for (const warm of [() => markdown(''), () => clock(new Date().toISOString(), this.host.locale)]) afterPaint(warm);
    const grown = new ResizeObserver(() => this.scroller.after()); // a message's height is known only when it is seen
    for (const part of this.renderRoot.querySelectorAll('.scroll, .log, .live')) grown.observe(part);
  }

  /**
   * Of a long conversation only what is near is laid out; the newest always are, so that nothing below them moves. Not by
   * `:nth-last-child`, for which every new message would have the styles of all others computed again.
   */
  private layOut(): void {
    const articles = this.renderRoot.querySelectorAll('.log > article');
    articles.forEach((one, index) => one.toggleAttribute('data-far', index < articles.length - NEWEST));
  }

  private attend(): void {
    this.toggleAttribute('hidden', this.minimised);
    this.chat.attended = !this.minimised;
    if (this.minimised) return;
    this.scroller.toEnd();
    afterPaint(() => this.minimised || this.chat.open());
  }

  /** Something has changed; many changes at once are drawn once. */
  refresh(): void {
    const { conversation, status } = this.chat;
    if (!conversation.writing) this.stopping = false;
    if (conversation.ended && this.closing) this.close(false);
    if (this.scroller.following) this.drawn.trim(conversation.entries);
    clearInterval(this.ticking);
    if (status.wait) this.ticking = setInterval(() => this.requestUpdate(), 500);
    if (conversation.entries.length && this.quiet) this.speakSoon();
    this.requestUpdate();
  }

  /** From when the history has been drawn, what comes is read aloud. */
  private speakSoon(): void {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      if (this.drawn.due(this.chat.conversation.entries)) return this.speakSoon();
      this.quiet = false;
      this.requestUpdate();
    }, QUIET);
  }

  private advance(): void {
    this.frame = 0;
    const { replies, entries } = this.chat.conversation;
    for (const reply of replies.values()) reply.advance(this.still.matches);
    this.drawn.more(entries);
    this.requestUpdate();
  }

  say(text: string): void {
    this.toast = text;
    setTimeout(() => {
      if (this.toast === text) this.toast = '';
      this.requestUpdate();
    }, TOAST);
    this.requestUpdate();
  }

  /* What a person does */

  send(): void {
    if (!this.chat.say(this.text)) return;
    this.write('');
    this.scroller.toEnd();
  }

  write(text: string): void {
    this.text = text;
    memory.draft.set(text);
    this.chat.writes(text);
    this.requestUpdate();
  }

  suggest(text: string): void {
    this.chat.say(text);
    this.scroller.toEnd();
    this.focusField();
  }

  newest(): void {
    this.scroller.bottom();
    this.focusField();
  }

  stop(): void {
    this.stopping = this.chat.stop();
    this.requestUpdate();
  }

  fresh(): void {
    Object.assign(this, { closing: false, menuOpen: false, rating: 0, quiet: true });
    this.chat.fresh();
    void this.updateComplete.then(() => this.focusField());
  }

  older(): void {
    this.quiet = true;
    this.scroller.keep();
    const { entries } = this.chat.conversation;
    this.drawn.older(entries);
    if (!this.drawn.due(entries)) this.chat.older();
    this.requestUpdate();
  }

  async download(): Promise<void> {
    this.toggle(false);
    this.quiet = true;
    await this.chat.whole();
    save(transcript(this.chat.conversation, this.view), `${this.name.toLowerCase()}-${new Date().toISOString().slice(0, 10)}.txt`);
  }

  toggle(open = !this.menuOpen): void {
    this.menuOpen = open;
    this.requestUpdate();
  }

  close(closing: boolean): void {
    Object.assign(this, { closing, menuOpen: false });
    this.requestUpdate();
    const target = closing ? '.closing input' : '.composer textarea, .ended button';
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(target)?.focus());
  }

  private escape(event: Event): void {
    event.stopPropagation();
    if (this.menuOpen) {
      this.toggle(false);
      this.renderRoot.querySelector<HTMLElement>('[aria-haspopup]')?.focus();
    } else if (this.closing) this.close(false);
    else this.host.minimise();
  }

  private pressed(event: Event): void {
    const target = event.target as Element;
    const key = target.closest('article')?.getAttribute('data-key');
    const entry = this.chat.conversation.entries.find((one) => one.key === key);
    const anchor = target.closest('a');
    const messageId = entry?.message?.messageId ?? '';
    if (anchor) this.chat.followed(anchor.matches('.button') ? 'button' : 'link', anchor.href, messageId);
    const choice = target.closest('[data-helpful]')?.getAttribute('data-helpful');
    if (choice) this.chat.helpful(messageId, choice === 'true');
    const act = target.closest('[data-act]')?.getAttribute('data-act');
    if (act === 'again' && entry?.message) this.chat.again(entry.message);
    if (act === 'copy' && entry) void this.copy(entry);
  }

  private async copy(entry: Entry): Promise<void> {
    await navigator.clipboard?.writeText(entry.message!.content);
    this.copied = entry.key;
    this.requestUpdate();
  }

  // On a phone focus would bring up the keyboard.
  focusField(): void {
    const field = this.renderRoot.querySelector<HTMLElement>('textarea');
    const first = matchMedia('(hover: hover)').matches && field ? field : this.renderRoot.querySelector<HTMLElement>('.minimise');
    first?.focus({ preventScroll: true });
  }

  protected override render() {
    const { conversation } = this.chat;
    const { texts, view } = this;
    return html`<div
      class="window"
      role="dialog"
      lang=${this.host.locale}
      aria-label=${texts.panel.dialog.replace('{name}', this.name)}
      aria-modal=${fillsScreen() ? 'true' : nothing}
      @keydown=${(event: KeyboardEvent) => trap(event, this.renderRoot as ShadowRoot)}
    >
      ${headerView(this)}
      <div class="scroll" tabindex="0" role="region" aria-label=${texts.panel.log} @click=${this.pressed} @scroll=${this.scroller.seen}>
        ${conversation.more || this.drawn.hides(conversation.entries) ? html`<button type="button" class="older" @click=${this.older}>${texts.panel.older}</button>` : nothing}
        <div class="log" role="log" aria-label=${texts.panel.log} aria-live=${this.quiet ? 'off' : 'polite'}>${this.entries(view)}</div>
        <div class="live" aria-hidden="true">${[...conversation.replies.values()].map((reply) => replyView(reply, view))}</div>
        ${this.suggestions()}
      </div>
      ${this.scroller.following ? nothing : newestView(this)} ${writingView(this)} ${noticeView(this)} ${this.closing ? closingView(this) : composerView(this)}
    </div>`;
  }

  private suggestions() {
    const { suggestions } = this.chat.conversation;
    if (!suggestions.length) return nothing;
    const chip = (text: string) => html`<button type="button" @click=${() => this.suggest(text)}>${text}</button>`;
    return html`<div class="suggestions" role="group" aria-label=${this.texts.panel.suggestions}>${suggestions.map(chip)}</div>`;
  }

  private entries(view: View) {
    const { entries } = this.chat.conversation;
    const from = this.drawn.from(entries);
    const starts = (index: number) => index === 0 || dateOf(entries[index]!) !== dateOf(entries[index - 1]!);
    return repeat(
      from ? entries.slice(from) : entries,
      (entry) => entry.key,
      (entry, index) => {
        const day = starts(from + index);
        const seen = [entry, day, view.queued && entry.status, view.name, view.copied === entry.key];
        return guard(seen, () => entryView(entry, view, day));
      },
    );
  }
}

customElements.define('chat-assistente-panel', ChatPanel);
