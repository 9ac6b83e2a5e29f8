import { expect, test } from 'vitest';
import { markdown, unfinished } from '../widget/markdown';

function shown(text: string): HTMLElement {
  const place = document.createElement('div');
  place.append(markdown(text));
  return place;
}

test('lists, tables, code and emphasis become elements', () => {
  const place = shown('**Preço:** R$ 150\n\n1. abra\n2. peça\n\n- a\n- b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`x`\n\n```\ny\n```');
  for (const selector of ['strong', 'ol > li + li', 'ul > li', 'th[scope=col]', 'td', 'code', 'pre > code']) expect(place.querySelector(selector), selector).not.toBeNull();
  expect(place.querySelector('strong')?.textContent).toBe('Preço:');
});

test('a list that starts later keeps its number', () => {
  expect(shown('3. três\n4. quatro').querySelector('ol')?.getAttribute('start')).toBe('3');
});

test('one line break is a line break', () => {
  expect(shown('a\nb').querySelector('br')).not.toBeNull();
});

test('raw HTML is shown as it was written', () => {
  const place = shown('antes <b onclick="x()">forte</b>\n\n<div><img src=x onerror=y()></div>');
  expect(place.querySelector('b, img, div div')).toBeNull();
  expect(place.textContent).toContain('<b onclick="x()">forte</b>');
  expect(place.textContent).toContain('<img src=x onerror=y()>');
});

test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java&#10;script:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:x'])('%s is no link', (address) => {
  const anchors = [...shown(`[aqui](${address})`).querySelectorAll('a')];
  expect(anchors.filter((anchor) => !['http:', 'https:'].includes(anchor.protocol))).toEqual([]);
});

test('web, mail, telephone and relative addresses are links; another site opens in a tab of its own', () => {
  const place = shown('[a](https://example.com) [b](mailto:a@b.co) [c](tel:193) [d](/services/) https://example.org');
  const anchors = [...place.querySelectorAll('a')];
  expect(anchors.map((anchor) => anchor.protocol)).toEqual(['https:', 'mailto:', 'tel:', location.protocol, 'https:']);
  expect(anchors[0]!.rel).toBe('noopener noreferrer');
  expect(anchors[3]!.target).toBe('');
});

test('while it is written, half a link waits and bold is closed', () => {
  expect(unfinished('veja [os ser')).toBe('veja ');
  expect(unfinished('veja [os serviços](/serv')).toBe('veja ');
  expect(unfinished('**Preço')).toBe('**Preço**');
  expect(unfinished('um **')).toBe('um ');
  expect(unfinished('um **dois** três')).toBe('um **dois** três');
});
