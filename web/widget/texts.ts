// The panel's texts; each language has a file of its own, and a panel of its own is built for each.

import type { Locale } from './locale';
import * as english from './texts/en.json';
import * as portuguese from './texts/pt-BR.json';

declare const __LOCALE__: Locale;

export type Texts = Pick<typeof portuguese, 'panel' | 'states' | 'notices' | 'acts'>;

export const texts: Texts = __LOCALE__ === 'en' ? english : portuguese;
