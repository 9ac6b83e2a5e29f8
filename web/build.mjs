// `npm run build`: the widget, the demo site and the console, into the folder that ships with the functions.
//
// widget.js keeps its name, because host sites name it, and it is a classic script: a tag can be written without
// type="module", and what it imports later inherits its nonce. The rest is named by its content, to be cached for ever.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'vite';
import { pages } from './site/pages.mjs';

const here = (name) => new URL(name, import.meta.url).pathname;
const OUT = here('../chalicelib/site/');

/**
 * marked's file ends by making one of everything; without that end, only its lexer is left. Making its rules takes longer
 * than drawing the window, so they are made when the first message is read.
 */
const lexerOnly = {
  name: 'lexer-only',
  transform(code, id) {
    if (!id.endsWith('/marked.esm.js')) return undefined;
    const [, lexer] = /[{,](\w+) as Lexer[,}]/.exec(code) ?? [];
    const rules = code.replace(/;var (\w+)=new \w+;function (\w+)\(\w,\w\)\{return \1\.parse\(.*$/s, `;return ${lexer}`);
    if (!lexer || rules === code) throw new Error('marked is not built as it was: look at web/build.mjs');
    return { code: `let made;export function Lexer(options){return new(made??=make())(options)}function make(){${rules}}`, map: null };
  },
};

/** Bundle one entry; what it became, as text. */
async function bundled(entry, format, define = {}) {
  const [{ output }] = [
    await build({
      root: here('.'),
      configFile: false,
      logLevel: 'warn',
      plugins: [lexerOnly],
      define,
      json: { namedExports: true },
      esbuild: { legalComments: 'none' },
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        ...(format === 'iife' ? { lib: { entry, formats: ['iife'], name: 'chatAssistente' } } : {}),
        rollupOptions: { input: entry, treeshake: { preset: 'smallest' } },
      },
    }),
  ].flat();
  return output.find((file) => file.type === 'chunk').code;
}

/** Keep `code` under a name that says what is in it. */
async function keep(name, code) {
  const [stem, kind] = name.split('.');
  const file = `assets/${stem}-${createHash('sha256').update(code).digest('hex').slice(0, 10)}.${kind}`;
  await writeFile(OUT + file, code);
  return file;
}

/** The console: one script, one stylesheet of its own, of its pages and of what draws its charts. */
async function buildConsole() {
  const sheets = (await readdir(here('admin/pages/'))).filter((file) => file.endsWith('.css')).map((file) => here(`admin/pages/${file}`));
  const texts = await Promise.all([here('admin/admin.css'), ...sheets].map((file) => readFile(file, 'utf8')));
  const code = await bundled(here('admin/main.ts'), 'es', { __LOCALE__: JSON.stringify('pt-BR') }); // of the widget's pieces in it
  const places = { style: await keep('admin.css', texts.join('\n')), script: await keep('admin.js', code) };
  const html = await readFile(here('admin/admin.html'), 'utf8');
  await writeFile(`${OUT}admin.html`, html.replace(/\[(style|script)\]/g, (_, place) => places[place]));
}

await rm(OUT, { recursive: true, force: true });
await mkdir(`${OUT}assets`, { recursive: true });
const panels = {};
for (const locale of ['pt-BR', 'en']) {
  const code = await bundled(here('widget/panel.ts'), 'es', { __LOCALE__: JSON.stringify(locale) });
  panels[locale] = await keep(`panel-${locale}.js`, code);
}
await writeFile(`${OUT}widget.js`, await bundled(here('widget/widget.ts'), 'iife', { __PANELS__: JSON.stringify(panels) }));
const style = await keep('site.css', await readFile(here('site/site.css'), 'utf8'));
const script = await keep('site.js', await bundled(here('site/site.ts'), 'es'));
await buildConsole();
for (const [name, html] of await pages({ style, script })) await writeFile(`${OUT}${name}.html`, html);
console.log(`chalicelib/site: ${(await readdir(OUT)).length} files`);
