// The demo site's pages: each file of pages/ in the layout, under every name its first line gives.
import { readFile, readdir } from 'node:fs/promises';
import { cards } from './services.mjs';

const here = (name) => new URL(name, import.meta.url);
const HEAD = /^<!-- (.+?) \| (.+?)(?: \| (.+?))? -->\n/; // names | title | attributes of the chat

/** [name, html] pairs. {{places}} are left for the server to fill in. */
export async function pages({ style, script }) {
  const layout = await readFile(here('layout.html'), 'utf8');
  const files = (await readdir(here('pages/'))).filter((file) => file.endsWith('.html'));
  const made = await Promise.all(files.map(async (file) => page(layout, await readFile(here(`pages/${file}`), 'utf8'), { style, script })));
  return made.flat();
}

function page(layout, source, links) {
  const [head, names, title, chat = ''] = HEAD.exec(source);
  const body = source.slice(head.length).trim().replace(/\[services (\w+)\]/g, (_, wanted) => cards(wanted));
  const places = { ...links, title, chat: chat && ` ${chat}`, page: body };
  return names.split(' ').map((name) => {
    const html = layout.replace(/\[(style|script|title|chat|page)\]/g, (_, place) => places[place]);
    return [name, html.replace(`<a href="${name === 'home' ? './' : `${name}/`}"`, '$& aria-current="page"')];
  });
}
