// Hand-offs: who waits for a person or has one, and beside it the conversation that was chosen, live.

import { html, nothing, type TemplateResult } from 'lit';
import { Refused } from '../api';
import type { Me } from '../entry';
import { link, Page } from '../page';
import { badge, empty } from '../parts';
import { Desk } from '../people/desk';
import type { Handoff, Listed } from '../people/records';
import { ago, person } from '../people/said';
import { t } from '../texts';

const LOOK_EVERY = 5000;

customElements.define('admin-desk', Desk); // here: the build drops a module of which nothing is imported

export class HandoffsPage extends Page {
  static override properties = { items: { state: true }, stale: { state: true } };

  declare private items: Handoff[];
  declare private stale: boolean;
  private me = '';
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.items = [];
    this.stale = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.looking = setInterval(() => document.hidden || void this.look(), LOOK_EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.looking);
  }

  async load(): Promise<void> {
    this.me ||= (await this.api.get<Me>('/me')).name;
    this.items = (await this.api.get<Listed<Handoff>>('/handoffs')).items;
  }

  /** The queue as it is now, quietly; one look that fails is told, and made again. */
  private async look(): Promise<void> {
    try {
      this.items = (await this.api.get<Listed<Handoff>>('/handoffs')).items;
      this.stale = false;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.stale = true;
    }
  }

  body(): TemplateResult {
    const { id } = this.route;
    const waiting = this.items.filter((one) => !one.operator).length;
    return html`<div class="handoffs ${id ? 'chosen' : ''}">
      <section aria-label=${t('handoffs.queue')}>
        <p role="status">${this.stale ? t('handoffs.stale') : t('handoffs.count', { waiting, held: this.items.length - waiting })}</p>
        ${this.items.length ? html`<ul class="queue">${this.items.map((one) => this.waitingView(one))}</ul>` : empty(t('handoffs.none'))}
      </section>
      ${id ? this.desk(id) : nothing}
    </div>`;
  }

  private waitingView(one: Handoff): TemplateResult {
    const { sessionId, operator, contact, reason, summary } = one;
    const state = !operator ? badge(t('people.waiting'), 'warn') : badge(t(operator === this.me ? 'handoffs.mine' : 'people.held'), 'good');
    return html`<li class="panel" ?data-chosen=${sessionId === this.route.id}>
      <h2><a href=${link('handoffs', sessionId)} aria-current=${sessionId === this.route.id ? 'true' : nothing}>${person(one)}</a></h2>
      <p class="badges">${state} ${badge(t(`handoffs.reason_${reason}`))} <small>${one.name ? `${t(`people.${one.userType}`)} · ` : ''}${ago(one.at)}</small></p>
      ${contact ? html`<p>${t('handoffs.contact', { contact })}</p>` : nothing}
      ${summary ? html`<p class="summary">${summary}</p>` : nothing}
    </li>`;
  }

  private desk(id: string): TemplateResult {
    const socket = document.querySelector('admin-console')!.getAttribute('socket-url') || new URL('ws', document.baseURI).href.replace(/^http/, 'ws');
    const transcript = html`<a href=${link('conversations', id)}>${t('handoffs.transcript')}</a>`;
    if (!this.may('operator')) return html`<p class="panel">${t('handoffs.onlyOperators')} ${transcript}</p>`;
    return html`<admin-desk .api=${this.api} .socketUrl=${socket} .sessionId=${id} .me=${this.me}
      .handoff=${this.items.find((one) => one.sessionId === id)} @turned=${() => void this.look()}></admin-desk>`;
  }
}
