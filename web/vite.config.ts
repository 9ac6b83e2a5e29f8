import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { __LOCALE__: JSON.stringify('pt-BR') },
  json: { namedExports: true },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
});
