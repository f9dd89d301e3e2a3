import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { defaultSensitivity, sensitivities, sensitivityTexts } from '../../src/core/collapse/sensitivity.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly keybindings: readonly { readonly command: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, object>> }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly completionEvents?: readonly string[] }[] }[];
  };
};
const { commands, menus, keybindings, configuration, walkthroughs } = manifest.contributes;
const offered = commands.map(({ command }) => command).sort();

/** Sources of the extension's host side, and of what it shares with the command line. */
const sources = ['src/editor', 'src/runs/inline']
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name))))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, first, second]) => first ?? second ?? ''))].sort();
}

describe('the manifest', () => {
  it('offers the commands that the extension registers, and no others', () => {
    // Most stand in a table, with what users are told where they fail.
    assert.deepEqual(matches(sources, /'(otb\.\w+)': '[A-Z]|commands\.registerCommand\('(otb\.\w+)'/g), offered);
  });

  it('names nothing but these in menus, keys, links and walkthrough', () => {
    const named = [...Object.values(menus).flat(), ...keybindings].map(({ command }) => command);
    const linked = matches(JSON.stringify(manifest), /command:(otb\.\w+)/g);
    for (const command of [...named, ...linked]) assert.ok(offered.includes(command), command);
  });

  it('has every command that buttons, lenses and quick fixes call', () => {
    const called = matches(sources, /(?:executeCommand\(|command: |command = |\w: )'(otb\.\w+)'/g);
    assert.ok(called.includes('otb.stopGroup') && called.includes('otb.diffConfigs') && called.includes('otb.openPanel'));
    for (const command of called) assert.ok(offered.includes(command), command);
  });

  it('ticks steps of the walkthrough when something was done, not when a command was called', () => {
    const events = walkthroughs.flatMap(({ steps }) => steps.flatMap(({ completionEvents = [] }) => completionEvents));
    const done = matches(sources, /completeStep\('(\w+)'\)/g);
    assert.deepEqual(
      events.toSorted(),
      done.map((step) => `onContext:otb.walkthrough.${step}`),
    );
  });

  it('has the levels of sensitivity with the words and the usual one of the program', () => {
    const settings = Object.assign({}, ...configuration.map(({ properties }) => properties)) as Record<string, object>;
    const { enum: levels, enumDescriptions, default: usual } = settings['otb.collapse.sensitivity'] as Record<string, unknown>;
    assert.deepEqual([levels, enumDescriptions, usual], [sensitivities, Object.values(sensitivityTexts), defaultSensitivity]);
  });

  it('offers to stop a group only while something of it goes on or waits', () => {
    const stop = menus['view/item/context']?.filter(({ command }) => command === 'otb.stopGroup') ?? [];
    assert.deepEqual(
      stop.map(({ when }) => when),
      ['view == otb.runs && viewItem =~ /^group\\.live/'],
    );
  });
});
