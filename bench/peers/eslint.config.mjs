// The plugin on every JavaScript file, also in node_modules. ESLINT_TREE is where ESLint is installed.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import bench from './plugin.mjs';

const { resolve } = createRequire(createRequire(process.env.ESLINT_TREE + '/package.json').resolve('eslint/package.json'));
const espree = await import(pathToFileURL(resolve('espree')));

// A name ending in .js does not say which of the two a file is: what is no CommonJS is read as an ES module.
const parser = {
  meta: { name: 'either', version: '1.0.0' },
  parse(text, options) {
    try {
      return espree.parse(text, { ...options, sourceType: 'commonjs' });
    } catch {
      return espree.parse(text, { ...options, sourceType: 'module' });
    }
  },
};

export default [
  { ignores: ['!**/node_modules/', '!.git/'] },
  {
    files: ['**/*.{js,cjs,mjs,jsx}'],
    plugins: { bench },
    languageOptions: { parser, parserOptions: { ecmaVersion: 'latest', ecmaFeatures: { jsx: true } } },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    rules: { 'bench/upgrade-head': 'error', 'bench/new-buffer': 'error', 'bench/tls-slab-size': 'error' },
  },
];
