// Markdown to DOM nodes. Text becomes text nodes and attributes are set one by one, so nothing written here can run.

const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);
const FENCE = /^```/;
const HEADING = /^#{1,6}\s+/;
const ITEM = /^(?:[-*+]|(\d{1,4})[.)])\s+/;
const INLINE = new RegExp([
  /\\([!-/:-@[-`{-~])/, // 1 escaped
  /`([^`\n]+)`/, // 2 code
  /\[([^[\]\n]{1,300})\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+"[^"\n]*")?\s*\)/, // 3 label, 4 address
  /<?((?:https?:\/\/|mailto:|tel:)[^\s<>"`]+)>?/, // 5 bare address
  /\*\*(?=\S)((?:[^*\n]|\*(?!\*))+?)\*\*/, // 6 bold
  /\*(?=[^\s*])([^*\n]+)\*/, // 7 italics
  /(?<![\p{L}\d_])_(?=[^\s_])([^_\n]+)_(?![\p{L}\d_])/, // 8 italics
  /(\n)/, // 9 line break
].map((part) => part.source).join('|'), 'giu');

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// An anchor, or the bare label when the address is none that a message may carry.
export function link(address, label, attributes = {}) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return document.createTextNode(label);
  }
  if (!SCHEMES.has(url.protocol)) return document.createTextNode(label);
  const page = url.protocol.startsWith('http') ? { target: '_blank', rel: 'noopener noreferrer' } : {};
  return element('a', { href: url.href, ...page, ...attributes }, label);
}

function bare(address) {
  const [, url, rest] = address.match(/^(.*?)([.,;:!?)*_]*)$/su);
  const made = document.createDocumentFragment();
  made.append(link(url, url.replace(/^(?:mailto|tel):/iu, '')), rest);
  return made;
}

function inlineNode(match) {
  const [, escaped, code, label, address, url, bold, star, score] = match;
  if (escaped) return escaped;
  if (code) return element('code', {}, code);
  if (label) return link(address, label.replace(/\*\*|`/gu, ''));
  if (url) return bare(url);
  if (bold) return element('strong', {}, inline(bold));
  if (star || score) return element('em', {}, inline(star || score));
  return element('br');
}

function inline(text) {
  const made = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    made.append(text.slice(from, match.index), inlineNode(match));
    from = match.index + match[0].length;
  }
  made.append(text.slice(from));
  return made;
}

function takeWhile(lines, test) {
  const taken = [];
  while (lines.length && test(lines[0])) taken.push(lines.shift());
  return taken;
}

function fence(lines) {
  lines.shift();
  const code = takeWhile(lines, (line) => !FENCE.test(line)).join('\n');
  lines.shift();
  return element('pre', { tabindex: '0' }, element('code', {}, code));
}

// The lines under an item that are indented, moved left by what the first of them has.
function indented(lines) {
  const taken = takeWhile(lines, (line) => /^\s{2,}\S/u.test(line));
  const width = taken.length ? taken[0].search(/\S/u) : 0;
  return taken.map((line) => line.slice(Math.min(width, line.search(/\S/u))));
}

function list(lines) {
  const [, number] = lines[0].match(ITEM);
  const made = element(number ? 'ol' : 'ul', number ? { start: number } : {});
  const same = (line) => ITEM.test(line) && Boolean(line.match(ITEM)[1]) === Boolean(number);
  while (lines.length && same(lines[0])) {
    const first = lines.shift().replace(ITEM, '');
    made.append(element('li', {}, blocks([first, ...indented(lines)], false)));
    while (lines[0] === '' && lines[1] !== undefined && same(lines[1])) lines.shift();
  }
  return made;
}

function blocks(lines, paragraphs = true) {
  const made = document.createDocumentFragment();
  while (lines.length) {
    if (!lines[0].trim()) lines.shift();
    else if (FENCE.test(lines[0])) made.append(fence(lines));
    else if (ITEM.test(lines[0])) made.append(list(lines));
    else if (HEADING.test(lines[0])) made.append(element('p', {}, element('strong', {}, inline(lines.shift().replace(HEADING, '')))));
    else {
      const text = takeWhile(lines, (line) => line.trim() && ![FENCE, ITEM, HEADING].some((block) => block.test(line))).join('\n');
      made.append(paragraphs ? element('p', {}, inline(text)) : inline(text));
    }
  }
  return made;
}

export function markdown(text) {
  return blocks(text.replace(/\r\n?/gu, '\n').split('\n').map((line) => (line.trim() ? line.trimEnd() : '')));
}

// While text is still arriving, half a link is held back and an open ** is closed, so that nothing flickers.
export function unfinished(text) {
  const whole = text.replace(/\[[^\]\n]*(?:\]\([^)\n]*)?$/u, '');
  if (whole.split('**').length % 2) return whole;
  return /\*\*\s*$/u.test(whole) ? whole.replace(/\*\*\s*$/u, '') : `${whole}**`;
}
