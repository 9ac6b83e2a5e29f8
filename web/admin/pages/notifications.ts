// Notifications: one is written and sent, with the number of those it reached; those of the last 30 days.

import { html, nothing, type TemplateResult } from 'lit';
import { Page } from '../page';
import { badge, confirmed, empty, field, more, table } from '../parts';
import { KINDS, LEVELS, reached, type Sent, whom, written } from '../people/notices';
import type { Listed } from '../people/records';
import { number, t, time } from '../texts';

const LOOK_AGAIN = 2000;
const ADDRESSES = String.raw`https:\/\/\S+|\/([^\/\s]\S*)?`; // of the web, or of the site
const AUDIENCES = ['everyone', 'client', 'provider', 'anonymous', 'user'];

export class NotificationsPage extends Page {
  static override properties = { audience: { state: true }, sent: { state: true } };

  declare private audience: string;
  declare private sent: Sent | undefined;
  private items: Sent[] = [];
  private next: string | null = null;

  constructor() {
    super();
    this.audience = 'everyone';
  }

  async load(): Promise<void> {
    await this.fetch('');
  }

  private async fetch(cursor: string): Promise<void> {
    const { items, nextCursor } = await this.api.get<Listed<Sent>>('/notifications', { cursor });
    this.items = cursor ? [...this.items, ...items] : items;
    this.next = nextCursor;
  }

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const notification = written(form);
    this.sent = undefined;
    if (!(await confirmed(t('notifications.sure', { whom: whom(notification.audience), title: notification.title })))) return;
    const sent = await this.attempt(() => this.api.send<Sent>('POST', '/notifications', notification));
    if (!sent) return;
    form.reset();
    this.audience = 'everyone';
    this.follow(sent);
  };

  /** What has been sent, and, while that goes on, how far it is. */
  private follow(sent: Sent): void {
    this.sent = sent;
    this.items = [sent, ...this.items.filter((one) => one.notificationId !== sent.notificationId)];
    if (sent.state === 'sent' || !this.isConnected) return;
    const look = () => this.attempt(() => this.api.get<Sent>(`/notifications/${encodeURIComponent(sent.notificationId)}`));
    setTimeout(() => void look().then((newer) => newer && this.follow(newer)), LOOK_AGAIN);
  }

  body(): TemplateResult {
    return html`${this.may('admin') ? this.form() : nothing}
      <h2>${t('notifications.last')}</h2>
      ${this.items.length ? this.table() : empty(t('notifications.none'))}
      <p class="more">${more(this.next, this.busy, () => void this.attempt(() => this.fetch(this.next ?? '')))}</p>`;
  }

  private form(): TemplateResult {
    const choose = (event: Event) => (this.audience = (event.target as HTMLSelectElement).value);
    const audience = html`<select name="audience" @change=${choose}>
      ${AUDIENCES.map((one) => html`<option value=${one} ?selected=${one === this.audience}>${t(`notifications.to_${one}`)}</option>`)}</select>`;
    const level = html`<select name="level">${LEVELS.map((one) => html`<option value=${one}>${t(`notifications.${one}`)}</option>`)}</select>`;
    const user = html`<input name="userId" required maxlength="200" autocomplete="off">`;
    return html`<form class="panel notify" @submit=${this.submit}>
      <h2>${t('notifications.write')}</h2>
      <div class="row">
        ${field(t('notifications.audience'), audience, this.wrong('audience'))}
        ${this.audience === 'user' ? field(t('notifications.userId'), user, this.wrong('audience.userId'), t('notifications.userIdHint')) : nothing}
        ${field(t('notifications.level'), level)}
      </div>
      ${field(t('notifications.title'), html`<input name="title" required maxlength="120" autocomplete="off">`, this.wrong('title'))}
      ${field(t('notifications.body'), html`<textarea name="body" rows="3" required maxlength="1000"></textarea>`, this.wrong('body'))}
      ${field(t('notifications.url'), html`<input name="url" maxlength="1000" pattern=${ADDRESSES} title=${t('notifications.urlHint')} autocomplete="off" placeholder="/services/">`, this.wrong('url'), t('notifications.urlHint'))}
      <div class="row"><button ?disabled=${this.busy}>${t('notifications.send')}</button></div>
      <div role="status">${this.sent ? html`<p class="done">${reached(this.sent)}</p>` : nothing}</div>
    </form>`;
  }

  private table(): TemplateResult {
    const columns = ['title', 'audience', 'at', 'delivered', 'failed', 'stored', 'state'].map((name) => t(`notifications.${name}`));
    return table(columns, this.items.map(row), t('notifications.caption'));
  }
}

function row(one: Sent) {
  const { level, state } = one;
  return [
    html`<b>${one.title}</b> ${level === 'info' ? nothing : badge(t(`notifications.${level}`), KINDS[level])}<br />${one.body}
      ${one.url ? html`<br /><small>${one.url}</small>` : nothing}`,
    whom(one.audience),
    time(one.at),
    number(one.delivered),
    number(one.failed),
    t(one.stored ? 'shell.yes' : 'shell.no'),
    badge(t(`notifications.${state}`), state === 'sent' ? 'good' : 'warn'),
  ];
}
