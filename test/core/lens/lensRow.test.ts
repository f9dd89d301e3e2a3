import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { farthestFromZero, lensRow, totalEnergy } from '../../../src/core/lens/lensRow.ts';
import { parseTrajectoryLine } from '../../../src/core/records/trajectory.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';
import { stringify } from '../../../src/core/records/json.ts';

function trajectoryWith(keys: Readonly<Record<string, unknown>>): Trajectory {
  const line = { sequence: 0, group: 0, prompt: ['p'], response: ['a', 'b', 'c'], ...keys };
  const parsed = parseTrajectoryLine(stringify(line));
  return typeof parsed === 'string' ? assert.fail(parsed) : parsed;
}

describe('the energy of a trajectory', () => {
  it('is what has come together up to its last token, also where a tool has the last word', () => {
    const trajectory = trajectoryWith({ realized_energy: [0.5, 0.25, null] });
    assert.deepEqual([totalEnergy(trajectory), lensRow(trajectory).energy], [0.75, 0.75]);
  });

  it('is no number where that of a token is none: what came before is not all of it', () => {
    const trajectory = trajectoryWith({ realized_energy: [0.5, 'NaN', 0.25] });
    assert.deepEqual([totalEnergy(trajectory), lensRow(trajectory).energy], [Number.NaN, null]);
  });

  it('is 0 of an empty response, and not known where no token has one', () => {
    assert.equal(totalEnergy(trajectoryWith({ response: [], realized_energy: [] })), 0);
    assert.equal(totalEnergy(trajectoryWith({})), null);
  });
});

describe('the advantage that is farthest from 0', () => {
  it('has its sign, passes over what is no number, and may be infinite', () => {
    assert.equal(farthestFromZero(Float32Array.of(0.5, -2, Number.NaN, 1)), -2);
    assert.equal(farthestFromZero(Float32Array.of(1, -Infinity)), -Infinity);
    assert.equal(farthestFromZero(Float32Array.of(Number.NaN)), Number.NaN);
    assert.equal(farthestFromZero(-0.25), -0.25);
  });
});
