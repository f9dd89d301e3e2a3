import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, it } from 'node:test';
import { memoryNeed } from '../../../src/core/memory/memoryNeed.ts';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { shareOfMachine } from '../../../src/runs/planning/shareOfMachine.ts';

const text = '{\n"name": "a",\n"rollout": {\n "promptsPerStep": 64\n}\n}';
const loaded = parseConfig(text, 'a.otb.json');
const need = memoryNeed(loaded.config, 'auto', 1).process;

function refusal(free: number, wanted: { parallel?: number }) {
  try {
    shareOfMachine(loaded, 8, { threads: 1, ...wanted }, free);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems[0]!;
  }
  throw new Error('nothing was refused');
}

describe('the runs that go at once', () => {
  it('are as many as there are cores where memory is plenty', () => {
    assert.equal(shareOfMachine(loaded, 1000, {}, 1e15).parallel, os.availableParallelism());
    assert.equal(shareOfMachine(loaded, 1, {}, 1e15).parallel, os.availableParallelism(), 'other groups may fill them');
  });

  it('are as many as were asked for', () => {
    assert.deepEqual(shareOfMachine(loaded, 8, { parallel: 4, threads: 3 }, 1e15), { parallel: 4, threads: 3 });
  });

  it('are fewer where memory is short, and nobody said how many', () => {
    assert.equal(shareOfMachine(loaded, 8, { threads: 1 }, 1.2 * need).parallel, 1);
  });

  it('are refused where that many do not fit, with how many do', () => {
    const { line, key, message, remedy } = refusal(2.5 * need, { parallel: 6 });
    assert.deepEqual([line, key], [4, 'rollout.promptsPerStep']);
    assert.match(message, /^6 runs at once need .* each; this machine has .* to spare$/);
    assert.match(remedy, /--parallel 2,/);
  });

  it('are refused where not even one fits, at the key that takes most, with a value that fits', () => {
    const { line, key, message, remedy } = refusal(need, {});
    assert.deepEqual([line, key], [4, 'rollout.promptsPerStep']);
    assert.match(message, /^64 × 8 responses of up to 800 tokens .* need .*; this machine has .* to spare$/);
    const fitting = Number(/^Write (\d+) or less/.exec(remedy)?.[1]);
    const smaller = parseConfig(text.replace('64', String(fitting)), 'a.otb.json');
    assert.equal(shareOfMachine(smaller, 8, { threads: 1 }, need).parallel, 1);
  });
});
