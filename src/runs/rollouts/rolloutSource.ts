import type { EstimatorName } from '../../core/estimators/estimator.ts';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import type { Trajectory } from '../../core/records/trajectory.ts';
import { parseMapping, type RolloutMapping } from './formats/mapping.ts';

/** Where sampled trajectories come from, a step at a time. Nothing is kept open between two calls. */
export interface RolloutSource {
  /** What it is called: the run's or the file's name. */
  readonly name: string;
  /** The estimator that the run trains with; null: none, or not known. */
  readonly estimator: EstimatorName | null;
  /** Steps with trajectories, ascending; asked again where the folder may have changed. */
  steps(): Promise<readonly number[]>;
  /** The trajectories of a step as they are read, and what in it is none. Throws a RunDirectoryError where the step cannot be read. */
  read(step: number): AsyncIterable<ReadTrajectory>;
}

export type ReadTrajectory =
  | { readonly kind: 'trajectory'; readonly trajectory: Trajectory }
  | { readonly kind: 'malformed'; readonly line: number; readonly problem: string };

/** Where rollouts are, in a form that a worker thread can be told, and that outlives the window. */
export type RolloutPlace = {
  /** The run directory; of other formats the file, or the folder with a file for each step. */
  readonly path: string;
  /** What it is called; left out: as its file or folder. */
  readonly name?: string;
  /** The estimator that the run trains with; left out: not known. */
  readonly estimator?: EstimatorName | null;
} & ({ readonly format: 'run' | 'verl' | 'trl' } | { readonly format: 'mapped'; readonly mapping: RolloutMapping });

/** A place as a lens keeps it in the window; parsed by `parsePlace`. */
export function placeText(place: RolloutPlace): string {
  const { format, path } = place;
  return stringify(place.format === 'mapped' ? { format, path, mapping: place.mapping } : { format, path });
}

/** What `placeText` wrote; undefined: something else. */
export function parsePlace(text: string): RolloutPlace | undefined {
  const value = parse(text);
  if (!isObject(value) || typeof value['path'] !== 'string') return undefined;
  const { format, path } = value;
  if (format === 'run' || format === 'verl' || format === 'trl') return { format, path };
  const mapping = format === 'mapped' ? parseMapping(value['mapping'], 'mapping') : 'none';
  return typeof mapping === 'string' ? undefined : { format: 'mapped', path, mapping };
}
