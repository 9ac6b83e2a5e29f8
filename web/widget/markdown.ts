// Markdown to DOM nodes: marked's lexer reads it, and every token becomes nodes one by one. Text becomes text nodes,
// raw HTML too, so nothing written here can run.

import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { texts } from './texts';

const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);

type Child = Node | string;

export function element(name: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The address in full, or undefined when a message may not carry it. */
export function safeUrl(address: string): string | undefined {
  try {
    const url = new URL(address, document.baseURI);
    return SCHEMES.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Pages of the host's own site open where the person is, since the conversation goes along; others in a new tab. */
export function linkAttributes(href: string): Record<string, string> {
  const { protocol, origin } = new URL(href);
  return protocol.startsWith('http') && origin !== location.origin ? { href, target: '_blank', rel: 'noopener noreferrer' } : { href };
}

function link(token: { href: string; text: string; tokens?: Token[] }): Child {
  const href = safeUrl(token.href);
  const label = token.tokens?.length ? inline(token.tokens) : [token.text || token.href];
  return href ? element('a', linkAttributes(href), ...label) : element('span', {}, ...label);
}

function inline(tokens: Token[] | undefined): Child[] {
  return (tokens ?? []).map((token) => node(token as MarkedToken));
}

function listItem(item: Tokens.ListItem): HTMLElement {
  const box = item.task ? [item.checked ? '☑ ' : '☐ '] : [];
  return element('li', {}, ...box, ...inline(item.tokens));
}

function list(token: Tokens.List): HTMLElement {
  const start = token.ordered && token.start !== 1 ? { start: String(token.start) } : {};
  return element(token.ordered ? 'ol' : 'ul', start as Record<string, string>, ...token.items.map(listItem));
}

function table(token: Tokens.Table): HTMLElement {
  const head = element('tr', {}, ...token.header.map((cell) => element('th', { scope: 'col' }, ...inline(cell.tokens))));
  const rows = token.rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, ...inline(cell.tokens)))));
  const made = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
  return element('div', { class: 'table', tabindex: '0', role: 'group', 'aria-label': texts.panel.table }, made);
}

function node(token: MarkedToken): Child {
  switch (token.type) {
    case 'paragraph':
      return element('p', {}, ...inline(token.tokens));
    case 'heading': // a chat has no outline of its own
      return element('p', {}, element('strong', {}, ...inline(token.tokens)));
    case 'list':
      return list(token);
    case 'table':
      return table(token);
    case 'blockquote':
      return element('blockquote', {}, ...inline(token.tokens));
    case 'code':
      return element('pre', { tabindex: '0', role: 'group', 'aria-label': texts.panel.code }, element('code', {}, token.text));
    case 'codespan':
      return element('code', {}, token.text);
    case 'strong':
    case 'em':
    case 'del':
      return element(token.type, {}, ...inline(token.tokens));
    case 'link':
    case 'image':
      return link(token);
    case 'br':
      return element('br');
    case 'hr':
      return element('hr');
    case 'space':
    case 'checkbox':
      return '';
    case 'text':
      return token.tokens ? fragment(inline(token.tokens)) : token.text;
    case 'escape':
      return token.text;
    default: // html, def, and whatever a newer lexer knows: as it was written
      return token.raw;
  }
}

function fragment(children: Child[]): DocumentFragment {
  const made = document.createDocumentFragment();
  made.append(...children);
  return made;
}

export function markdown(text: string): DocumentFragment {
  return fragment(inline(new Lexer({ gfm: true, breaks: true }).lex(text)));
}

/** While text is still arriving, half a link is held back and an open ** is closed, so that nothing flickers. */
export function unfinished(text: string): string {
  const whole = text.replace(/\[[^\]\n]*(?:\]\([^)\n]*)?$/u, '');
  if (whole.split('**').length % 2) return whole;
  return /\*\*\s*$/u.test(whole) ? whole.replace(/\*\*\s*$/u, '') : `${whole}**`;
}
