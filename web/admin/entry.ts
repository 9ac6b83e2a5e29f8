// Signing in: with a key, or with the link that `make run` prints. What is kept is kept for this tab only.

import { Api, Refused } from './api';
import type { Role } from './page';

const KEPT = 'console-token';

export interface Me {
  name: string;
  role: Role;
}

export interface SignedIn {
  api: Api;
  me: Me;
}

/** Raises Refused when the key is none. */
export async function enter(token: string): Promise<SignedIn> {
  const api = new Api(token);
  const me = await api.get<Me>('/me');
  sessionStorage.setItem(KEPT, token);
  return { api, me };
}

/** Whoever the address's link or the tab's memory says; undefined for nobody. Raises Refused for a link that is used up. */
export async function remembered(): Promise<SignedIn | undefined> {
  const link = /^#link=(.+)$/.exec(location.hash)?.[1];
  if (link) {
    history.replaceState(null, '', '#/'); // it must not stay in the address
    return enter(await exchanged(link));
  }
  const token = sessionStorage.getItem(KEPT);
  return token ? enter(token).catch(forget) : undefined;
}

export function forget(): undefined {
  sessionStorage.removeItem(KEPT);
}

async function exchanged(link: string): Promise<string> {
  const answer = await fetch(new URL('admin/sign-in', document.baseURI), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ link }),
  });
  if (!answer.ok) throw new Refused(answer.status, 'link');
  return ((await answer.json()) as { token: string }).token;
}
