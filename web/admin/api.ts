// The REST API, with the key, token or pass of whoever has signed in.

export interface FieldError {
  field: string;
  detail: string;
  row?: number; // of a file that was sent
}

/** What the API refused, as problem+json says it; status 0 when nothing came back. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = '',
    readonly errors: FieldError[] = [],
  ) {
    super(detail || title);
  }
}

type Query = Record<string, string>;

export class Api {
  constructor(
    readonly token: string,
    private readonly base = new URL('api/v1', document.baseURI).href,
  ) {}

  async get<T>(path: string, query: Query = {}): Promise<T> {
    return this.json<T>(await this.raw(withQuery(path, query)));
  }

  /** A string is sent as it is, with the type that `headers` names; anything else as JSON. */
  async send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' };
    return this.json<T>(await this.raw(path, { method, ...sent, headers: { ...type, ...headers } }));
  }

  /** Raises Refused for any status from 400 on. */
  async raw(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${this.token}` };
    const answer = await fetch(this.base + path, { ...init, headers, cache: 'no-store' }).catch(() => {
      throw new Refused(0, 'offline');
    });
    if (answer.status >= 400) throw await refusal(answer);
    return answer;
  }

  /** Save a file under the name that the server gives it. */
  async download(path: string, query: Query = {}): Promise<void> {
    const answer = await this.raw(withQuery(path, query));
    const name = /filename="?([^";]+)/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
    save(await answer.blob(), name ?? path.split('/').at(-1)!);
  }

  private async json<T>(answer: Response): Promise<T> {
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return given.size ? `${path}?${given}` : path;
}

async function refusal(answer: Response): Promise<Refused> {
  const told = (await answer.json().catch(() => ({}))) as { title?: string; detail?: string; errors?: FieldError[] };
  return new Refused(answer.status, told.title ?? String(answer.status), told.detail, told.errors);
}
