// What the button and the panel know of each other; the panel is loaded later than the button.

import type { Locale } from './locale';

export interface Host {
  readonly locale: Locale;
  readonly socketUrl: string;
  readonly assistantName: string;
  readonly errorStatus: number | undefined;
  /** A fresh identity token of the host site, "" when nobody has signed in. */
  identityToken(again: boolean): Promise<string>;
  /** A message came that nobody looks at. */
  missed(): void;
  minimise(): void;
}

export interface Panel extends HTMLElement {
  host: Host;
  minimised: boolean;
  /** Forget the conversation and everything kept of it. */
  signOut(): void;
}
