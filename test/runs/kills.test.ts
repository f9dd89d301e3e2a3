import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { playCommandRound } from '../../bench/kills/commandRound.ts';
import { playRound, trainUndisturbed } from '../../bench/kills/round.ts';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { Random } from '../../src/core/random.ts';
import { temporaryFolder } from './exampleRun.ts';

/** `npm run bench:kills -- --kills 1000` does the same at length. */
const kills = 6;

it(
  'trainers, queues and launchers that are killed at random lose no line, and no run ever has two trainers',
  { skip: process.platform !== 'linux' },
  async () => {
    const folder = temporaryFolder();
    const arena = (name: string) => ({
      folder: path.join(folder, name),
      otb: path.join(packageRoot(), 'dist', 'otb.mjs'),
      cacheDir: path.join(folder, 'cache'),
    });
    const undisturbed = await trainUndisturbed(arena('undisturbed'));
    const { faults, twoTrainers, runs } = await playRound(arena('killed'), kills, new Random(5), undisturbed);
    assert.deepEqual(faults, []);
    assert.equal(twoTrainers, 0);
    assert.ok(runs > 0);
  },
);

/** Rounds of `npm run bench:kills -- --commands --kills 500`. */
const rounds = 4;

it(
  'supervisors, their commands and what these have started leave no process and lose no line when they are killed at random',
  { skip: process.platform !== 'linux' },
  async () => {
    const random = new Random(5);
    const supervisor = path.join(packageRoot(), 'dist', 'supervisor.mjs');
    const played = Array.from({ length: rounds }, () => playCommandRound({ folder: temporaryFolder(), supervisor }, random));
    for (const { faults, orphans, lostLines, lostSteps } of await Promise.all(played)) {
      assert.deepEqual(faults, []);
      assert.deepEqual([orphans, lostLines, lostSteps], [0, 0, 0]);
    }
  },
);
