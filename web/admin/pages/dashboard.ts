import { html, type TemplateResult } from 'lit';
import { Page } from '../page';

export class DashboardPage extends Page {
  async load(): Promise<void> {}

  body(): TemplateResult {
    return html``;
  }
}
