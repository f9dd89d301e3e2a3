import { estimatorNames, type EstimatorName } from '../estimators/estimator.ts';
import type { Trajectory } from '../records/trajectory.ts';
import type { LensRow } from './messages.ts';

/** Characters of the beginning of a text that a row has. */
const startLength = 160;

/** What the list of a lens shows of a trajectory. */
export function lensRow(trajectory: Trajectory): LensRow {
  const { sequence, group, prompt, response, isTokenized, mask, reward, turns, truncated, facts } = trajectory;
  return {
    sequence,
    group,
    promptStart: startOf(prompt),
    responseStart: startOf(response),
    reward,
    turns,
    truncated,
    tokens: isTokenized ? response.length : null,
    actions: isTokenized && mask !== null ? actionsIn(mask) : null,
    characters: lengthOf(response),
    energy: finite(totalEnergy(trajectory)),
    largestAdvantage: largestAdvantages(trajectory),
    facts,
  };
}

function actionsIn(mask: Uint8Array): number {
  let actions = 0;
  for (let t = 0; t < mask.length; t++) actions += mask[t]!;
  return actions;
}

function lengthOf(parts: readonly string[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

function largestAdvantages({ advantages }: Trajectory): LensRow['largestAdvantage'] {
  const largest: Partial<Record<EstimatorName, number>> = {};
  for (const name of estimatorNames) {
    const values = advantages[name];
    if (values === undefined) continue;
    const value = farthestFromZero(values);
    if (Number.isFinite(value)) largest[name] = value;
  }
  return largest;
}

/** W(τ), the energy of all tokens that were chosen; null: not known. */
export function totalEnergy({ accumulatedEnergy }: Trajectory): number | null {
  return accumulatedEnergy && (accumulatedEnergy.at(-1) ?? 0);
}

/** With its sign; NaN: there is no number among them. */
export function farthestFromZero(values: number | Float32Array): number {
  if (typeof values === 'number') return values;
  let farthest = Number.NaN;
  for (let t = 0; t < values.length; t++) {
    const value = values[t]!;
    if (Math.abs(value) > Math.abs(farthest) || (Number.isNaN(farthest) && !Number.isNaN(value))) farthest = value;
  }
  return farthest;
}

/** The beginning of a text of several parts, on one line. */
function startOf(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) {
    text += part.slice(0, 4 * startLength);
    if (text.length >= 4 * startLength) break;
  }
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, startLength);
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
