// Whether the assistant and what it depends on work, and the settings it runs with.

import { html, nothing, type TemplateResult } from 'lit';
import { Refused } from '../api';
import { Page } from '../page';
import { badge, card, empty, field } from '../parts';
import { locale, number, t } from '../texts';

interface Health {
  status: string;
  store: string;
  cache: string;
  model: { name: string; state: string };
  activeSessions: number;
}

type Value = string | number | boolean | string[] | null;

/** Of a secret it is told only whether it is set (`changed`). */
interface Setting {
  name: string;
  value: Value;
  default: Value;
  changed: boolean;
  secret: boolean;
  takes: string;
  description: string;
}

export class SettingsPage extends Page {
  static override properties = { ...Page.properties, health: { state: true }, words: { state: true }, changedOnly: { state: true } };

  declare private health: Health | undefined;
  declare private words: string;
  declare private changedOnly: boolean;
  private checked = '';
  private settings: Setting[] = [];

  constructor() {
    super();
    this.words = '';
    this.changedOnly = false;
  }

  async load(): Promise<void> {
    const [{ items }] = await Promise.all([this.api.get<{ items: Setting[] }>('/settings'), this.look()]);
    this.settings = items;
  }

  body(): TemplateResult {
    return html`${this.health ? this.state(this.health) : nothing}${this.inForce()}`;
  }

  private readonly look = async (): Promise<void> => {
    this.health = await health();
    this.checked = new Date().toLocaleTimeString(locale);
  };

  private state({ status, store, cache, model, activeSessions }: Health): TemplateResult {
    return html`<section aria-labelledby="health">
      <div class="heading"><h2 id="health">${t('settings.health')}</h2>
        <span class="quiet" role="status">${t('settings.checked', { at: this.checked })}</span>
        <button type="button" class="second" ?disabled=${this.busy} @click=${() => void this.attempt(this.look)}>${t('settings.again')}</button></div>
      <dl class="cards">
        ${card(t('settings.status'), told(status), status === 'ok' ? nothing : t('settings.aboutDegraded'))}
        ${card(t('settings.store'), told(store))}
        ${card(t('settings.cache'), told(cache), cache === 'ok' ? nothing : t('settings.aboutCache'))}
        ${card(t('settings.model'), told(model.state), model.state === 'ok' ? model.name : `${model.name}. ${t('settings.aboutModel')}`)}
        ${card(t('settings.sessions'), number(activeSessions))}
      </dl>
    </section>`;
  }

  private inForce(): TemplateResult {
    const shown = this.settings.filter((one) => this.fits(one));
    return html`<section aria-labelledby="in-force">
      <h2 id="in-force">${t('settings.inForce')}</h2>
      <p class="quiet">${t('settings.how')}</p>
      <div class="row">
        ${field(t('settings.find'), html`<input type="search" .value=${this.words} @input=${(event: InputEvent) => (this.words = (event.target as HTMLInputElement).value)}>`)}
        <label class="check"><input type="checkbox" .checked=${this.changedOnly} @change=${() => (this.changedOnly = !this.changedOnly)}>${t('settings.changedOnly')}</label>
        <span class="quiet" role="status">${t('settings.count', { shown: shown.length, all: this.settings.length })}</span>
      </div>
      ${shown.length ? settingsTable(shown) : empty(t('settings.nothing'))}
    </section>`;
  }

  private fits({ name, description, changed }: Setting): boolean {
    const text = `${name} ${description}`.toLowerCase();
    return (changed || !this.changedOnly) && this.words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }
}

/** With status 503 too: what does not work is what somebody is looking for. */
async function health(): Promise<Health> {
  const answer = await fetch(new URL('api/v1/health', document.baseURI), { cache: 'no-store' }).catch(() => {
    throw new Refused(0, 'offline');
  });
  return (await answer.json()) as Health;
}

/** Names and what they mean are the documentation's, which is in English. */
function settingsTable(settings: Setting[]): TemplateResult {
  const [setting, value, usual, takes] = ['setting', 'value', 'default', 'takes'].map((name) => t(`settings.${name}`));
  return html`<table class="settings">
    <thead><tr>${[setting, value, usual, takes].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
    <tbody>${settings.map((one) => html`<tr>
      <th scope="row"><code>${one.name}</code> ${one.changed ? badge(t('settings.changed')) : nothing}<small lang="en">${plain(one.description)}</small></th>
      <td data-title=${value!}>${one.secret ? t(one.changed ? 'settings.set' : 'settings.notSet') : spelled(one.value)}</td>
      <td data-title=${usual!}>${one.secret ? '–' : spelled(one.default)}</td>
      <td data-title=${takes!} lang="en">${one.takes}</td>
    </tr>`)}</tbody>
  </table>`;
}

function told(state: string): TemplateResult {
  const kinds = { ok: 'good', skipped: 'warn', unavailable: 'bad', degraded: 'bad' } as const;
  return state in kinds ? badge(t(`settings.${state}`), kinds[state as keyof typeof kinds]) : badge(state, 'bad');
}

function spelled(value: Value): string | TemplateResult {
  if (typeof value === 'boolean') return t(value ? 'settings.yes' : 'settings.no');
  if (value === null || value === '' || (Array.isArray(value) && !value.length)) return html`<span class="quiet">${t('settings.none')}</span>`;
  return html`<code>${Array.isArray(value) ? value.join(', ') : value}</code>`;
}

/** Without Markdown's backticks. */
const plain = (text: string): string => text.replaceAll('`', '');
