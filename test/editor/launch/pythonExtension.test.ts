import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenInterpreter } from '../../../src/editor/launch/pythonExtension.ts';

function exporting(resolved: unknown): unknown {
  return {
    environments: {
      getActiveEnvironmentPath: (resource: unknown) => ({ id: String(resource), path: '/envs/rl' }),
      resolveEnvironment: (environment: { readonly path: string }) =>
        Promise.resolve(environment.path === '/envs/rl' ? resolved : undefined),
    },
  };
}

test('the interpreter is that of the environment which is active for the folder', async () => {
  const resolved = { executable: { uri: { fsPath: '/envs/rl/bin/python' }, bitness: '64-bit' } };
  assert.equal(await chosenInterpreter(exporting(resolved), 'folder'), '/envs/rl/bin/python');
});

test('an environment without an interpreter, and an extension that exports something else, choose none', async () => {
  for (const exported of [
    exporting({ executable: { uri: undefined } }),
    exporting(undefined),
    exporting({}),
    {},
    undefined,
    { environments: {} },
  ])
    assert.equal(await chosenInterpreter(exported, 'folder'), undefined);
});
