// Writes protocol.ts from protocol.json: `npm run types`. A test holds the two together.
import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';

const here = (name) => new URL(name, import.meta.url);

export async function types() {
  const schema = JSON.parse(await readFile(here('protocol.json'), 'utf8'), (key, value) => {
    if (typeof value?.title === 'string') delete value.title; // a definition has its name already
    return value;
  });
  const made = await compile({ title: 'Protocol', ...schema }, 'Protocol', {
    additionalProperties: false,
    bannerComment: '// The frames of the socket, from protocol.json: run `make docs` and `npm run types` after a change.',
    style: { singleQuote: true, printWidth: 120 },
    unreachableDefinitions: true,
  });
  return made
    .replace(/export interface Protocol \{[^}]*\}\n/, '')
    .replace(/ \*\n( \* This interface was referenced)/g, '$1') // what the compiler remarks on every definition
    .replace(/ \* This interface was referenced by `Protocol`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g, '')
    .replace(/\/\*\*\n \*\/\n/g, '');
}

if (process.argv[1] === here('types.mjs').pathname) await writeFile(here('protocol.ts'), await types());
