import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import schema from '../../../media/otb-config.schema.json';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { loadConfig } from '../../../src/runs/config/loadConfig.ts';

/** Every object of the schema that describes a key, by path. */
function* keysOf(node: Readonly<Record<string, unknown>>, at: string): IterableIterator<[string, Readonly<Record<string, unknown>>]> {
  for (const branch of ['then', 'else'] as const)
    if (node[branch]) yield* keysOf(node[branch] as Record<string, unknown>, `${at}(${branch})`);
  for (const [name, child] of Object.entries((node['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
    const where = `${at}.${name}`;
    // A branch repeats a key only to allow it, or to narrow it.
    if (Object.keys(child).length > 1) yield [where, child];
    yield* keysOf(child, where);
  }
}

describe('the schema of configs', () => {
  it('explains every key to whoever hovers over it', () => {
    const keys = [...keysOf(schema, '')];
    assert.ok(keys.length > 50);
    for (const [where, key] of keys)
      for (const part of ['title', 'description', 'examples']) assert.ok(part in key, `${where} has no ${part}`);
  });

  it('has a default for every key but those that have none', () => {
    const without = [...keysOf(schema, '')].filter(([, key]) => !('default' in key)).map(([where]) => where);
    assert.deepEqual(without, ['.$schema', '.name', '.dataset.path', '.branch.arguments', '.branch.checkpoints']);
  });

  it('knows the same estimators as the program', () => {
    assert.deepEqual(schema.else.properties.estimators.items.enum, [...estimatorNames]);
  });

  it('is met by every preset', async () => {
    const files = readdirSync('presets').filter((name) => name.endsWith('.otb.json'));
    assert.ok(files.length > 0);
    for (const file of files) await assert.doesNotReject(loadConfig(path.join('presets', file)));
  });
});
