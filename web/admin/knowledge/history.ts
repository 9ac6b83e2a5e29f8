// The versions of an entry, newest first: who changed what, and a way back to each.

import { html, nothing, type TemplateResult } from 'lit';
import { confirmed, more } from '../parts';
import { Page } from '../page';
import { t, time } from '../texts';
import { asText, different, type Draft, draftOf, type Entry, ifMatch, type Listed, path } from './entry';

/** Shows them when it is opened; says `restored` with the entry's newest version. */
export class KnowledgeHistory extends Page {
  static override properties = { entry: { attribute: false }, versions: { state: true }, cursor: { state: true } };

  declare entry: Entry;
  declare private versions: Entry[];
  declare private cursor: string | null;

  constructor() {
    super();
    this.versions = [];
    this.cursor = null;
  }

  async load(): Promise<void> {
    this.versions = [];
    await this.next('');
  }

  body(): TemplateResult {
    return html`<ol class="plain versions">${this.versions.map((one, place) => this.version(one, this.versions[place + 1]))}</ol>
      ${more(this.cursor, this.busy, () => void this.attempt(() => this.next(this.cursor!)))}`;
  }

  private async next(cursor: string): Promise<void> {
    const page = await this.api.get<Listed<Entry>>(`${path(this.entry.id)}/versions`, { cursor });
    this.versions = [...this.versions, ...page.items];
    this.cursor = page.nextCursor;
  }

  private version(one: Entry, before: Entry | undefined): TemplateResult {
    const changed = before ? different(draftOf(before), draftOf(one)) : [];
    const said = before ? changed.map((name) => t(`knowledge.${name}`)).join(', ') || t('knowledge.nothingChanged') : '';
    const present = one.version === this.entry.version;
    return html`<li>
      <details>
        <summary><strong>${t('knowledge.version', { version: one.version })}</strong>
          <span class="quiet">${one.updatedAt ? time(one.updatedAt) : ''} · ${one.updatedBy}</span> ${said}</summary>
        ${before ? changed.map((name) => change(name, draftOf(before), draftOf(one))) : html`<div class="text">${one.content}</div>`}
      </details>
      ${present || !this.may('admin') ? nothing : html`<button type="button" class="second" ?disabled=${this.busy}
        @click=${() => void this.restore(one.version)}>${t('knowledge.restore', { version: one.version })}</button>`}
    </li>`;
  }

  private async restore(version: number): Promise<void> {
    if (!(await confirmed(t('knowledge.askRestore', { version })))) return;
    const send = () => this.api.send<Entry>('POST', `${path(this.entry.id)}/restore`, { version }, ifMatch(this.entry));
    const entry = await this.attempt(send);
    if (entry) this.dispatchEvent(new CustomEvent<Entry>('restored', { detail: entry }));
  }
}

function change(name: keyof Draft, before: Draft, after: Draft): TemplateResult {
  return html`<dl class="change"><dt>${t(`knowledge.${name}`)}</dt>
    <dd><del class="text">${asText(before[name])}</del></dd><dd><ins class="text">${asText(after[name])}</ins></dd></dl>`;
}
