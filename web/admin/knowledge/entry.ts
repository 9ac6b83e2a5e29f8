// An entry of the knowledge as REST has it, and what an editor does with it before it is sent.

export interface Link {
  label: string;
  url: string;
}

/** What an administrator writes; a PUT replaces all of it. */
export interface Draft {
  category: string;
  title: string;
  content: string;
  audience: string;
  locale: string;
  questions: string[];
  keywords: string[];
  related: string[];
  followUps: string[];
  price: string;
  providers: string;
  url: string;
  steps: string[];
  links: Link[];
  active: boolean;
}

export interface Entry extends Draft {
  id: string;
  version: number;
  createdAt: string | null;
  updatedAt: string | null;
  updatedBy: string;
}

export interface Listed<T> {
  items: T[];
  nextCursor: string | null;
}

export type Name = keyof Draft;

export const CATEGORIES = ['service', 'faq', 'navigation', 'policy', 'troubleshooting'];
export const AUDIENCES = ['everyone', 'clients', 'providers'];
export const LOCALES = ['pt-BR', 'en'];
export const USER_TYPES = ['anonymous', 'client', 'provider'];

export const BLANK: Draft = {
  category: 'faq', title: '', content: '', audience: 'everyone', locale: 'pt-BR', questions: [], keywords: [],
  related: [], followUps: [], price: '', providers: '', url: '', steps: [], links: [], active: true,
};

/** The entry without what the product adds; everything else goes back as it came, shown or not. */
export function draftOf(entry: Entry): Draft {
  const { id, version, createdAt, updatedAt, updatedBy, ...draft } = entry;
  return draft;
}

export const path = (id: string): string => `/knowledge/${encodeURIComponent(id)}`;

export const ifMatch = (entry: Entry): Record<string, string> => ({ 'If-Match': `"${entry.version}"` });

/** Emergencies can be reworded, but neither turned off nor removed. */
export const emergency = (entry: Entry | undefined): boolean => entry?.id.startsWith('emergency-') ?? false;

const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The fields in which two drafts differ. */
export function different(one: Draft, other: Draft): Name[] {
  return (Object.keys(one) as Name[]).filter((name) => !equal(one[name], other[name]));
}

/** `draft` without the empty lines that are left in lists while they are written; lists that `base` has stay as they are. */
export function tidied(draft: Draft, base: Draft): Draft {
  const fields = Object.entries(draft).map(([name, value]) => [name, value === base[name as Name] ? value : tidy(value)]);
  return Object.fromEntries(fields) as Draft;
}

function tidy(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const trimmed = value.map((one) => (typeof one === 'string' ? one.trim() : { label: one.label.trim(), url: one.url.trim() }));
  return trimmed.filter((one) => (typeof one === 'string' ? one : one.label || one.url));
}

/** Somebody else's change beside one's own: what only they changed is theirs, the rest one's own. */
export function merged(base: Draft, mine: Draft, theirs: Draft): Draft {
  const changed = different(base, mine);
  const kept = changed.map((name) => [name, mine[name]]);
  return { ...theirs, ...Object.fromEntries(kept) } as Draft;
}

/** The fields that both changed, and differently. */
export function disputed(base: Draft, mine: Draft, theirs: Draft): Name[] {
  const changed = new Set(different(base, theirs));
  return different(base, mine).filter((name) => changed.has(name) && !equal(mine[name], theirs[name]));
}

/** A field's value as text to read. */
export function asText(value: Draft[Name]): string {
  if (!Array.isArray(value)) return String(value);
  return value.map((one) => (typeof one === 'string' ? one : `${one.label} | ${one.url}`)).join('\n');
}
