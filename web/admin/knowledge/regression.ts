// The regression questions: what people ask, and the entry that it should find.

import { html, nothing, type TemplateResult } from 'lit';
import { Page } from '../page';
import { confirmed, empty, field, table } from '../parts';
import { t } from '../texts';
import { type Listed, USER_TYPES } from './entry';
import { entryLink, type Evaluated, evaluation } from './evaluation';

interface Question {
  id: string;
  question: string;
  entryId: string;
  userType: string;
}

export class KnowledgeRegression extends Page {
  static override properties = { questions: { state: true }, told: { state: true } };

  declare private questions: Question[];
  declare private told: Evaluated | undefined;

  constructor() {
    super();
    this.questions = [];
  }

  async load(): Promise<void> {
    this.questions = (await this.api.get<Listed<Question>>('/knowledge/questions')).items;
    this.told = this.questions.length ? await this.api.send<Evaluated>('POST', '/knowledge/evaluate', {}) : undefined;
  }

  body(): TemplateResult {
    return html`<p class="quiet">${t('unanswered.regressionHint')}</p>
      ${this.told ? html`<section class="panel" aria-label=${t('unanswered.scores')}>${evaluation(this.told)}</section>` : nothing}
      ${this.may('admin') ? this.form() : nothing}
      ${this.questions.length ? this.list() : empty(t('unanswered.noQuestions'))}`;
  }

  private list(): TemplateResult {
    const columns = ['question', 'expected', 'userType'].map((name) => t(`unanswered.${name}`));
    const rows = this.questions.map((one) => [one.question, entryLink(one.entryId), t(`search.userType_${one.userType}`), this.may('admin') ? this.removal(one) : '']);
    return table([...columns, ''], rows, t('unanswered.questions'));
  }

  private removal(one: Question): TemplateResult {
    return html`<button type="button" class="plain" aria-label=${t('unanswered.remove', { question: one.question })} ?disabled=${this.busy}
      @click=${() => void this.forget(one)}>${t('unanswered.delete')}</button>`;
  }

  private form(): TemplateResult {
    return html`<form class="row panel" @submit=${this.add}>
      <div class="wide">${field(t('unanswered.question'), html`<input name="question" required maxlength="500" />`)}</div>
      ${field(t('unanswered.expected'), html`<input name="entryId" required maxlength="64" placeholder="service-…" />`, this.wrong('entryId') && t('unanswered.noEntry'))}
      ${field(t('unanswered.userType'), html`<select name="userType">${USER_TYPES.map((one) => html`<option value=${one}>${t(`search.userType_${one}`)}</option>`)}</select>`)}
      <button ?disabled=${this.busy}>${t('unanswered.add')}</button>
    </form>`;
  }

  private readonly add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const asked = Object.fromEntries(new FormData(form) as unknown as Iterable<[string, string]>);
    void this.attempt(async () => {
      await this.api.send('POST', '/knowledge/questions', asked);
      form.reset();
      await this.load();
    });
  };

  private async forget(one: Question): Promise<void> {
    if (!(await confirmed(t('unanswered.askRemove', { question: one.question })))) return;
    await this.attempt(async () => {
      await this.api.send('DELETE', `/knowledge/questions/${one.id}`);
      await this.load();
    });
  }
}
