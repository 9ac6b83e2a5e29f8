// What every page of the console is: loaded when its address changes, drawn when it has been, with its errors told.

import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { type Api, Refused } from './api';
import { t } from './texts';

export type Role = 'viewer' | 'operator' | 'admin';
const RANK: Role[] = ['viewer', 'operator', 'admin'];

/** `#/knowledge/abc?q=x` */
export interface Route {
  page: string;
  id: string;
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...id] = path.split('/');
  return { page, id: decodeURIComponent(id.join('/')), query: new URLSearchParams(query) };
}

/** An address beside the document's base, where `#…` alone would lead away from the console. */
export function link(page: string, id = '', query: Record<string, string> = {}): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return `admin#/${page}${id && `/${encodeURIComponent(id)}`}${given.size ? `?${given}` : ''}`;
}

export function go(page: string, id = '', query: Record<string, string> = {}): void {
  location.href = link(page, id, query);
}

/** What went wrong, in the words of the language. */
export function told(problem: Refused): string {
  const known = [0, 400, 401, 403, 404, 409, 412, 413, 429, 503].includes(problem.status);
  return known ? t(`shell.refused${problem.status}`) : problem.detail || problem.title;
}

export abstract class Page extends LitElement {
  static override properties: PropertyDeclarations = { api: { attribute: false }, route: { attribute: false }, role: {}, busy: { state: true }, problem: { state: true }, loaded: { state: true } };

  declare api: Api;
  declare route: Route;
  declare role: Role;
  declare protected busy: boolean;
  declare protected problem: Refused | undefined;
  declare private loaded: boolean;

  /** Called when the route changes. */
  abstract load(): Promise<void>;

  abstract body(): TemplateResult;

  constructor() {
    super();
    this.busy = this.loaded = false;
  }

  protected override createRenderRoot(): this {
    return this; // one stylesheet for all pages
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('route') && !changed.has('api')) return;
    this.loaded = false;
    void this.attempt(() => this.load()).then(() => (this.loaded = true));
  }

  protected override render(): TemplateResult {
    return html`
      ${this.problem ? html`<p class="alert" role="alert">${told(this.problem)}</p>` : nothing}
      ${this.loaded ? this.body() : html`<p class="quiet" role="status">${t('shell.loading')}</p>`}`;
  }

  /** Do it with the page marked as busy; undefined when it was refused, which the page then tells. */
  protected async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    this.problem = undefined;
    this.busy = true;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem = error;
      if (error.status === 401) this.dispatchEvent(new CustomEvent('signed-out', { bubbles: true }));
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  protected may(role: Role): boolean {
    return RANK.indexOf(this.role) >= RANK.indexOf(role);
  }

  /** What is wrong with a field that was sent, "" for nothing. */
  protected wrong(field: string): string {
    return this.problem?.errors.find((one) => one.field === field)?.detail ?? '';
  }
}
