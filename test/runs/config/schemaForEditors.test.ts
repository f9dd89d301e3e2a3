import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import schema from '../../../media/otb-config.schema.json';
import trlSchema from '../../../media/trl-config.schema.json';
import { sensitivities, sensitivityTexts } from '../../../src/core/collapse/sensitivity.ts';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { estimatorInfos } from '../../../src/core/estimators/registry.ts';
import { checkConfig, parseConfig } from '../../../src/runs/config/loadConfig.ts';

/** Every object of a plain JSON value. */
function* objectsOf(value: unknown): IterableIterator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Readonly<Record<string, unknown>>;
  for (const entry of Object.values(value)) yield* objectsOf(entry);
}

describe('the schema in an editor', () => {
  it('lets comments and trailing commas be, as the command line does', () => {
    assert.equal(schema.allowComments && schema.allowTrailingCommas, true);
  });

  it('says the same in Markdown as in plain text', () => {
    const both = [...objectsOf(schema)].filter((object) => 'markdownDescription' in object && 'description' in object);
    assert.ok(both.length > 5);
    for (const { description, markdownDescription } of both) assert.equal(markdownDescription, description);
  });

  it('sets code as code wherever there is some in a description', () => {
    for (const { description, markdownDescription } of objectsOf(schema.properties)) {
      if (typeof description === 'string' && description.includes('`')) assert.ok(markdownDescription, description);
    }
  });

  it('explains every estimator that it offers in the words of the program', () => {
    const offered = schema.else.properties.estimators.items.defaultSnippets;
    assert.deepEqual(
      offered.map(({ body }) => body),
      [...estimatorNames],
    );
    for (const { label, body, markdownDescription } of offered) {
      const { description, formula } = estimatorInfos[body as keyof typeof estimatorInfos];
      assert.equal(label, JSON.stringify(body));
      assert.equal(markdownDescription, `${description}\n\n\`${formula}\``);
    }
  });

  it('explains every level of sensitivity in the words of the program', () => {
    const { enum: levels, enumDescriptions } = schema.properties.collapseSensitivity;
    assert.deepEqual(levels, [...sensitivities, null]);
    assert.deepEqual(enumDescriptions.slice(0, -1), Object.values(sensitivityTexts));
  });

  it("has TRL's keys with a line of help and their default, in a file beside it", () => {
    assert.deepEqual(schema.properties.trl.allOf, [{ $ref: './trl-config.schema.json' }]);
    const keys = Object.entries(trlSchema.properties);
    assert.ok(keys.length > 150);
    for (const [key, { description }] of keys) assert.match(description, /^[^\n`]{8,260} Default: .+\.$/, key);
  });

  it("does not offer keys of TRL's that a config may not have", () => {
    const hidden = Object.entries(trlSchema.properties).filter(([, key]) => 'doNotSuggest' in key);
    const trl = Object.fromEntries(hidden.map(([key, { default: value }]) => [key, value ?? '']));
    const model = { name: 'a', trainer: 'trl', estimators: ['grpo'], model: 'gpt2', dataset: 'ledger' };
    const { findings } = checkConfig({ ...model, trl });
    assert.equal(findings.length, hidden.length);
    const others = Object.entries(trlSchema.properties).filter(([key]) => !(key in trl));
    assert.deepEqual(
      checkConfig({ ...model, trl: Object.fromEntries(others.map(([key, { default: value }]) => [key, value])) }).findings,
      [],
    );
  });

  it('leaves what editors say themselves to them', () => {
    const { config } = checkConfig({
      ...{ name: 'a', trainer: 'trl', estimators: ['grpo'], model: 'gpt2', dataset: 'ledger' },
      trl: { learning_rate: 'fast' },
    });
    assert.equal(config, undefined);
  });

  it('offers a config to begin with that loads', () => {
    for (const { body } of schema.defaultSnippets) {
      const text = JSON.stringify(body).replaceAll(/\$\{\d+:([^}]*)\}/g, '$1');
      assert.equal(parseConfig(text, 'new.otb.json').config.name, 'my-run');
    }
  });
});
