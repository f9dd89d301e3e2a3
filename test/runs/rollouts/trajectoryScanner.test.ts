import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { stringify } from '../../../src/core/records/json.ts';
import { parseTrajectory, parseTrajectoryLine } from '../../../src/core/records/trajectory.ts';
import { TrajectoryScanner } from '../../../src/runs/rollouts/trajectoryScanner.ts';

const tokens = ['a', ' b', '\n', '"', '\\', 'é', '語', '🙂', '\u0000', '</call>', '', 'x'.repeat(60)];

function randomLine(random: Random): Record<string, unknown> {
  const length = Math.floor(random.uniform() * 40);
  const chosen = Array.from({ length }, () => random.uniform() < 0.8);
  const value = (): unknown => {
    const kind = random.uniform();
    if (kind < 0.02) return Number.NaN;
    if (kind < 0.04) return Number.NEGATIVE_INFINITY;
    if (kind < 0.1) return (random.uniform() - 0.5) * 10 ** Math.floor(600 * random.uniform() - 300);
    if (kind < 0.2) return Math.floor(1e17 * (random.uniform() - 0.5));
    return Number((random.uniform() - 0.5).toPrecision(1 + Math.floor(16 * random.uniform())));
  };
  const list = (): unknown[] => chosen.map((isChosen) => (isChosen ? value() : null));
  const texts = (count: number): string[] => Array.from({ length: count }, () => tokens[Math.floor(random.uniform() * tokens.length)]!);
  return {
    sequence: Math.floor(100 * random.uniform()),
    group: 2,
    prompt: texts(5),
    response: texts(length),
    reward: value(),
    turns: 1,
    truncated: random.uniform() < 0.5,
    log_probs: list(),
    sum_pi_squared: list(),
    realized_energy: list(),
    advantages: { grpo: value(), optimal_token_baseline: list() },
    baselines: { optimal_token_baseline: list() },
    note: 'a "fact"',
  };
}

describe('the scanner of trajectories', () => {
  it('reads what JSON.parse reads, bit for bit, compact and with spaces', () => {
    const random = new Random(1);
    const scanner = new TrajectoryScanner();
    for (let round = 0; round < 300; round++) {
      const line = randomLine(random);
      for (const text of [stringify(line), stringify(line, 1).replaceAll('\n', ' ')]) {
        const bytes = Buffer.from(`xx${text}\n`);
        const scanned = scanner.scan(bytes, 2, bytes.length - 1);
        assert.ok(scanned, text);
        assert.deepEqual(parseTrajectory(scanned), parseTrajectoryLine(text));
      }
    }
  });

  it('never reads what is no JSON, wherever a line is broken', () => {
    const random = new Random(2);
    const scanner = new TrajectoryScanner();
    for (let round = 0; round < 3000; round++) {
      const text = stringify(randomLine(random));
      const at = Math.floor(random.uniform() * text.length);
      const broken = [
        text.slice(0, at),
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)}${'0-+.,:"[]{}eE\\n'[Math.floor(random.uniform() * 15)]}${text.slice(at)}`,
      ];
      for (const candidate of broken) {
        const bytes = Buffer.from(`${candidate}\n`);
        const scanned = scanner.scan(bytes, 0, bytes.length - 1);
        if (scanned !== undefined) assert.deepEqual(parseTrajectory(scanned), parseTrajectoryLine(bytes.toString()), candidate);
      }
    }
  });
});
