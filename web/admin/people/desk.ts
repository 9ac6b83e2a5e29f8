// A live conversation as an operator has it: read as it comes, taken over, answered, given back or ended.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Outgoing } from '../../shared/protocol';
import { Conversation, type Entry } from '../../widget/conversation';
import { newId } from '../../widget/outbox';
import { Typing } from '../../widget/typing';
import { type Api, Refused } from '../api';
import { confirmed } from '../parts';
import { link, told } from '../page';
import { t } from '../texts';
import { composerView, takeoverView } from './controls';
import { Line, type LineState } from './line';
import type { Handoff } from './records';
import { person, saidView, speaker } from './said';

const TURNS = new Set(['taken_over', 'released', 'closed']); // notices after which the queue is another
const WHY_OVER = new Set(['conflict', 'not_found', 'unauthorized']);
const PAGE = 50;

export class Desk extends LitElement {
  static override properties = {
    api: { attribute: false }, socketUrl: {}, sessionId: {}, handoff: { attribute: false }, me: {},
    state: { state: true }, problem: { state: true }, busy: { state: true }, text: { state: true },
  };

  declare api: Api;
  declare socketUrl: string;
  declare sessionId: string;
  declare handoff: Handoff | undefined; // of the queue, when it is in it
  declare me: string;
  declare private state: LineState;
  declare private problem: string;
  declare busy: boolean;
  declare text: string;
  private conversation!: Conversation;
  private line: Line | undefined;
  private typing!: Typing;
  private following = true;

  protected override createRenderRoot(): this {
    return this;
  }

  get mine(): boolean {
    return Boolean(this.me) && this.handoff?.operator === this.me;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.line?.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('sessionId')) this.begin();
    const log = this.querySelector('.log');
    this.following = !log || log.scrollTop + log.clientHeight > log.scrollHeight - 40;
  }

  protected override updated(): void {
    const log = this.querySelector('.log');
    if (log && this.following) log.scrollTop = log.scrollHeight;
  }

  private begin(): void {
    this.line?.close();
    Object.assign(this, { problem: '', text: '', busy: false, state: 'connecting' });
    this.conversation = new Conversation(() => this.requestUpdate(), () => undefined);
    this.line = new Line({
      url: this.socketUrl,
      operatorToken: this.api.token,
      watch: this.sessionId,
      onFrame: (frame) => this.take(frame),
      onState: (state, code) => {
        this.state = state;
        if (state === 'open') this.turned(); // whose it is may have changed while nobody listened
        if (code) this.problem = t(`handoffs.over_${WHY_OVER.has(code) ? code : 'other'}`);
      },
    });
    this.typing = new Typing((isTyping) => this.line?.post('typing', { isTyping }));
    this.line.open();
  }

  private take(frame: Outgoing): void {
    this.conversation.take(frame);
    if (frame.type === 'sessionEnded' || (frame.type === 'message' && TURNS.has(frame.notice ?? ''))) this.turned();
  }

  private turned(): void {
    this.dispatchEvent(new CustomEvent('turned', { bubbles: true }));
  }

  /** What changes whose it is goes over the API, whose answer says whether it did. */
  private async act(what: string, body?: object): Promise<void> {
    this.problem = '';
    this.busy = true;
    try {
      await this.api.send('POST', `/conversations/${encodeURIComponent(this.sessionId)}/${what}`, body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem = told(error);
    }
    this.busy = false;
    this.turned();
  }

  takeOver(name: string): void {
    void this.act('takeover', { name }).then(() => this.updateComplete).then(() => this.querySelector('textarea')?.focus());
  }

  release(): void {
    void this.act('release');
  }

  async end(): Promise<void> {
    if (await confirmed(t('handoffs.sureToEnd'))) await this.act('close');
  }

  write(text: string): void {
    this.text = text;
    this.typing.wrote(text);
  }

  say(): void {
    const content = this.text.trim();
    if (content) this.send(newId(), content);
    this.write('');
  }

  private send(clientMessageId: string, content: string): void {
    this.conversation.sending(clientMessageId, content, 'operator');
    this.line?.say(clientMessageId, content);
  }

  protected override render(): TemplateResult {
    const { more, oldest } = this.conversation;
    const older = () => this.line?.post('loadHistory', { before: oldest!.messageId, limit: PAGE });
    return html`<section class="panel desk" aria-label=${t('handoffs.conversation')}>
      <header>
        <h2>${this.person}</h2>
        <a href=${link('conversations', this.sessionId)}>${t('handoffs.transcript')}</a>
        <p class="quiet" role="status">${t(`handoffs.line_${this.state}`)}</p>
      </header>
      ${this.problem ? html`<p class="alert" role="alert">${this.problem}</p>` : nothing}
      <div class="log" role="log" tabindex="0" aria-label=${t('handoffs.said')}>
        ${more ? html`<button type="button" class="plain" @click=${older}>${t('handoffs.older')}</button>` : nothing}
        ${repeat(this.conversation.entries, (entry) => entry.key, (entry) => this.entryView(entry))}
        ${[...this.conversation.replies.values()].map((reply) => html`<article class="said assistant unfinished"><div class="words">${reply.text}</div></article>`)}
      </div>
      <p class="typing quiet" role="status">${this.somebody}</p>
      ${this.state === 'over' ? nothing : this.mine ? composerView(this) : takeoverView(this, this.handoff?.operator)}
    </section>`;
  }

  private get person(): string {
    return this.handoff ? person(this.handoff) : t('people.user');
  }

  private get somebody(): string {
    const { somebodyTyping, replies } = this.conversation;
    const sender = somebodyTyping || (replies.size ? 'assistant' : '');
    return sender ? t('handoffs.typing', { name: speaker(sender, this.person) }) : '';
  }

  private entryView({ key, message, at, status, reason }: Entry): TemplateResult | typeof nothing {
    if (!message || message.notice === 'held') return nothing; // what tells the person that they are heard
    const { sender, content } = message;
    const again = () => this.send(key, content);
    const failed = html`<p class="badges"><em>${reason || t('handoffs.notSent')}</em> <button type="button" class="plain" @click=${again}>${t('handoffs.again')}</button></p>`;
    const sending = html`<p class="badges"><small>${t('handoffs.sending')}</small></p>`;
    return saidView({ id: `live-${key}`, sender, at, content, person: this.person }, status === 'failed' ? failed : status ? sending : nothing);
  }
}
