// The plugins of the tree in PEERS_TREE with the rules in PEERS_RULES, and nothing else.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { resolve } = createRequire(process.env.PEERS_TREE + '/package.json');
const plugins = {};
for (const name of ['n', 'regexp', 'security', 'unicorn']) {
  const loaded = await import(pathToFileURL(resolve('eslint-plugin-' + name)));
  plugins[name] = loaded.default ?? loaded;
}
// A plugin that follows names wants to be told which of them are Node's.
const { globals } = plugins.n.configs['flat/recommended-script'].languageOptions;
export default [{
  files: ['**/*'],
  plugins,
  languageOptions: { ecmaVersion: 'latest', sourceType: process.env.PEERS_SOURCE_TYPE, globals },
  linterOptions: { reportUnusedDisableDirectives: 'off' },
  rules: JSON.parse(process.env.PEERS_RULES),
}];
