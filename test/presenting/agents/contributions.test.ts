import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { agentTools } from '../../../src/presenting/agents/agentTools.ts';

const { contributes, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly contributes: { readonly languageModelTools: readonly unknown[] };
  readonly engines: { readonly vscode: string };
};

test('package.json offers VS Code exactly the tools that the registry has, in its words and with its schemas', () => {
  const expected = Object.values(agentTools).map(({ name, title, description, userDescription, reference, icon, input }) => ({
    name,
    displayName: title,
    modelDescription: description,
    userDescription,
    toolReferenceName: reference,
    canBeReferencedInPrompt: true,
    icon,
    tags: ['otb', 'reinforcement-learning', 'training'],
    inputSchema: input,
  }));
  assert.deepEqual(contributes.languageModelTools, expected, `package.json has to have:\n${JSON.stringify(expected, null, 2)}`);
});

test('the engine that the extension asks for has language-model tools', () => {
  assert.ok(Number(/\^1\.(\d+)/.exec(engines.vscode)?.[1]) >= 100);
});
