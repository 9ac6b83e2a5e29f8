// The knowledge as a file: tried first, row by row, then taken in; and saved.

import { html, nothing, type TemplateResult } from 'lit';
import { rowFault } from '../knowledge/faults';
import { goesOn, type Imported, type Job, report, type Terms, waiting } from '../knowledge/report';
import { Refused, save } from '../api';
import { Page } from '../page';
import { field } from '../parts';
import { t } from '../texts';

const LOOK_MS = 1000;

export class ImportPage extends Page {
  static override properties = { file: { state: true }, terms: { state: true }, job: { state: true }, told: { state: true } };

  declare private file: File | undefined;
  declare private terms: Terms;
  declare private job: Job | undefined;
  declare private told: Imported | undefined;

  constructor() {
    super();
    this.terms = { mode: 'merge', partial: false };
  }

  async load(): Promise<void> {}

  body(): TemplateResult {
    return html`
      <section class="panel"><h2>${t('import.bring')}</h2>
        <p class="quiet">${t('import.hint')}</p>
        ${this.form()}
        ${this.problem?.errors.length ? this.faults(this.problem) : nothing}
        ${this.job ? waiting(this.job) : nothing}
        ${this.told ? html`${report(this.told, this.terms)}${this.told.applied ? nothing : this.apply(this.told)}` : nothing}
      </section>
      <section class="panel"><h2>${t('import.export')}</h2>
        <p class="quiet">${t('import.exportHint')}</p>
        <p class="actions">${['csv', 'jsonl'].map((one) => html`<button type="button" class="second" ?disabled=${this.busy}
          @click=${() => void this.attempt(() => this.export(one))}>${t(`import.${one}`)}</button>`)}</p>
      </section>`;
  }

  private form(): TemplateResult {
    const mode = (one: Terms['mode']) => html`<label class="check"><input type="radio" name="mode" value=${one} ?disabled=${this.busy}
      .checked=${this.terms.mode === one} @change=${() => this.choose({ mode: one })} /> ${t(`import.${one}`)}</label>`;
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      ${field(t('import.file'), html`<input type="file" accept=".csv,.jsonl,.ndjson,text/csv,application/x-ndjson" ?disabled=${this.busy} @change=${this.picked} />`)}
      <fieldset class="plain"><legend>${t('import.mode')}</legend>${mode('merge')}${mode('replace')}</fieldset>
    </form>`;
  }

  private readonly picked = (event: Event): void => {
    this.file = (event.target as HTMLInputElement).files?.[0];
    this.choose({ partial: false });
  };

  /** Another file or other terms: what would be is asked again. */
  private choose(terms: Partial<Terms>): void {
    this.terms = { ...this.terms, ...terms };
    this.told = this.job = undefined;
    if (this.file) void this.attempt(() => this.send(this.file!, true));
  }

  private apply(told: Imported): TemplateResult {
    const changes = told.created + told.changed + told.deactivated;
    const held = told.refused > 0 && !this.terms.partial;
    const partial = (event: Event) => (this.terms = { ...this.terms, partial: (event.target as HTMLInputElement).checked });
    return html`
      ${told.refused ? html`<label class="check"><input type="checkbox" .checked=${this.terms.partial} @change=${partial} /> ${t('import.partial')}</label>` : nothing}
      <p class="actions"><button type="button" ?disabled=${this.busy || held || !changes} @click=${() => void this.attempt(() => this.send(this.file!, false))}>
        ${t('import.apply', { changes })}</button>
        ${changes ? nothing : html`<span class="quiet">${t('import.nothing')}</span>`}</p>`;
  }

  private async send(file: File, dryRun: boolean): Promise<void> {
    const { mode, partial } = this.terms;
    const query = new URLSearchParams({ mode, partial: String(partial), dryRun: String(dryRun) });
    const kind = file.name.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson';
    const body = await file.arrayBuffer(); // as it is: the server tells a wrong encoding
    const answer = await this.api.raw(`/knowledge/import?${query}`, { method: 'POST', headers: { 'Content-Type': kind }, body });
    this.told = answer.status === 202 ? await this.watched((await answer.json()) as Job) : ((await answer.json()) as Imported);
  }

  /** What a job did, once it has ended. Raises Refused with the rows that stopped it. */
  private async watched(job: Job): Promise<Imported> {
    for (this.job = job; goesOn(this.job); this.job = await this.api.get<Job>(`/jobs/${job.id}`)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const { result, faults } = this.job;
    this.job = undefined;
    if (!result) throw new Refused(faults.length ? 400 : 503, t('import.failed'), '', faults);
    return result;
  }

  private faults(problem: Refused): TemplateResult {
    return html`<ul>${problem.errors.map((one) => html`<li>${rowFault(one)}</li>`)}</ul>`;
  }

  private async export(format: string): Promise<void> {
    let answer = await this.api.raw(`/knowledge/export?format=${format}`);
    if (answer.status === 202) {
      const { id, file } = (await answer.json()) as Job;
      if (file && new URL(file, location.href).origin !== location.origin) return void window.open(file); // a bucket's link
      answer = await this.api.raw(`/jobs/${id}/file`);
    }
    save(await answer.blob(), `knowledge.${format}`);
  }
}
