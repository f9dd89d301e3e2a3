// House rules a compiler cannot hold: who may import whom, and no way round the type system.
import tseslint from 'typescript-eslint';

/** Folders of src/ that the given files must not import, with what else is out of bounds there. */
function arrows(folder, forbidden, extra = []) {
  const patterns = forbidden.map((name) => ({ regex: `(^|/)${name}/`, message: `src/${folder} must not import src/${name}.` }));
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: [...patterns, ...extra] }] },
  };
}
const noVscode = { regex: '^vscode$', message: 'Only src/editor and src/extension.ts may use the vscode API.' };
const noNode = { regex: '^node:', message: 'This runs in a webview too: no node, no vscode.' };

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.otb/', 'src/trainer/engines/wasm/kernels/', 'src/runs/columns/kernel/'] },
  ...tseslint.configs.recommended.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
        { selector: 'ExportAllDeclaration', message: 'No barrel files.' },
      ],
      eqeqeq: ['error', 'always'],
    },
  },
  arrows('core', ['runs', 'trainer', 'cli', 'editor', 'webview'], [noVscode, noNode]),
  arrows('runs', ['trainer', 'cli', 'editor', 'webview'], [noVscode]),
  arrows('trainer', ['cli', 'editor', 'webview'], [noVscode]),
  arrows('cli', ['editor', 'webview', 'trainer'], [noVscode]),
  arrows('editor', ['trainer', 'cli', 'webview']),
  {
    files: ['webview/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            noVscode,
            noNode,
            { regex: 'src/(runs|trainer|cli|editor)/', message: 'webview must import nothing of src but core.' },
          ],
        },
      ],
    },
  },
);
