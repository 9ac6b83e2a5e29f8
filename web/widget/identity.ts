// Who the host site says is here, and whose things this browser keeps.

import * as memory from './memory';

/** The `sub` of an identity token, unverified: it only decides whether to forget what was kept for somebody else. */
export function subjectOf(token: string): string {
  try {
    const payload = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    return String(JSON.parse(atob(payload)).sub ?? '');
  } catch {
    return '';
  }
}

/** True when somebody else's things were kept here, and are no more. A visitor who signs in keeps their own. */
export function settle(subject: string): boolean {
  const before = memory.owner.get();
  const changed = before !== '' && before !== subject;
  if (changed) memory.clear();
  memory.owner.set(subject);
  return changed;
}

/** The host's token: the one of its attribute, or what its address answers (`{"token": …}` or the token itself). */
export async function identityToken(attribute: string | null, url: string | null): Promise<string> {
  if (!url) return attribute ?? '';
  try {
    const response = await fetch(new URL(url, document.baseURI), { method: 'POST', credentials: 'same-origin' });
    if (!response.ok) return '';
    const text = await response.text();
    return text.startsWith('{') ? String(JSON.parse(text).token ?? '') : text.trim();
  } catch {
    return '';
  }
}
