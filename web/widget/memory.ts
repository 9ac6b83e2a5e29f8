// What the widget keeps in the browser, all under one prefix, so that logging out can clear every bit of it.

const PREFIX = 'chat-assistente.';
const refused = new Map<string, string>(); // where storage is refused, this page load remembers

type Kind = 'localStorage' | 'sessionStorage';

function read(kind: Kind, name: string): string {
  try {
    return window[kind].getItem(PREFIX + name) ?? '';
  } catch {
    return refused.get(name) ?? '';
  }
}

function write(kind: Kind, name: string, value: string): void {
  try {
    if (value) window[kind].setItem(PREFIX + name, value);
    else window[kind].removeItem(PREFIX + name);
  } catch {
    refused.set(name, value);
  }
}

function kept(kind: Kind, name: string) {
  return { get: () => read(kind, name), set: (value: string) => write(kind, name, value) };
}

export type Kept = ReturnType<typeof kept>;

// Shared by every tab: the conversation, and whose it is ("" is a visitor's).
export const resumeToken = kept('localStorage', 'resume');
export const owner = kept('localStorage', 'owner');
// This tab's own.
export const draft = kept('sessionStorage', 'draft');
export const unsent = kept('sessionStorage', 'unsent');
export const open = kept('sessionStorage', 'open');
export const unread = kept('sessionStorage', 'unread');
export const dismissed = kept('sessionStorage', 'dismissed');

/** Forget everything: somebody else may use this browser next. */
export function clear(): void {
  refused.clear();
  for (const kind of ['localStorage', 'sessionStorage'] as const) {
    try {
      const storage = window[kind];
      for (const name of Object.keys(storage)) if (name.startsWith(PREFIX)) storage.removeItem(name);
    } catch {
      /* nothing was stored */
    }
  }
}
