import type { EstimatorName } from '../estimators/estimator.ts';
import type { Trajectory } from '../records/trajectory.ts';
import type { NoiseReport } from './noise.ts';

/** What the extension says to a token lens. */
export type LensHostMessage =
  /** First answer to `ready`, and whenever steps have been added: what can be looked at. */
  | {
      readonly type: 'source';
      /** The run's name, or the file's. */
      readonly name: string;
      /** Where it is, in the extension's own words, for `LensMemory`; left out: the lens is not restored after a reload. */
      readonly place?: string;
      /** The estimator that the run trains with; null: none, or not known. */
      readonly estimator: EstimatorName | null;
      /** Steps with sampled trajectories, ascending. */
      readonly steps: readonly number[];
    }
  /** The step that is now being read; forget what there was of another. */
  | { readonly type: 'step'; readonly step: number }
  /** Trajectories of the step as they are read, in order; `isComplete` with the last of them. */
  | { readonly type: 'rows'; readonly step: number; readonly rows: readonly LensRow[]; readonly isComplete: boolean }
  /** Lines of the file that are no trajectory, and why; told with the last rows. */
  | { readonly type: 'malformed'; readonly step: number; readonly lines: readonly { readonly line: number; readonly problem: string }[] }
  /** What was wanted. */
  | { readonly type: 'trajectories'; readonly step: number; readonly trajectories: readonly Trajectory[] }
  /** Sequences whose text has what was searched for, ascending. */
  | { readonly type: 'found'; readonly step: number; readonly text: string; readonly sequences: readonly number[] }
  /** How noisy the gradient of the step would have been under each estimator; a text: why that cannot be said. */
  | { readonly type: 'noise'; readonly step: number; readonly noise: NoiseReport | string }
  /** The step cannot be read: why, and what to do. */
  | { readonly type: 'failure'; readonly step: number; readonly message: string };

/** What the list of a lens shows of a trajectory. */
export interface LensRow {
  readonly sequence: number;
  readonly group: number;
  /** The beginnings of prompt and response, on one line. */
  readonly promptStart: string;
  readonly responseStart: string;
  readonly reward: number | null;
  readonly turns: number | null;
  readonly truncated: boolean | null;
  /** Tokens of the response, and how many of them the policy chose; null: the source has no tokens. */
  readonly tokens: number | null;
  readonly actions: number | null;
  /** Characters of the response. */
  readonly characters: number;
  /** W(τ), the accumulated energy at the last token; null: not known. */
  readonly energy: number | null;
  /** The advantage that is farthest from 0, with its sign, by estimator. */
  readonly largestAdvantage: Readonly<Partial<Record<EstimatorName, number>>>;
  readonly facts: Trajectory['facts'];
}

/** What a token lens says to the extension. */
export type LensMessage =
  /** The page has no data: on its first load, and whenever VS Code has loaded it again. `step`: which it showed; null: none. */
  | { readonly type: 'ready'; readonly step: number | null }
  /** Show another step. */
  | { readonly type: 'step'; readonly step: number }
  /** The whole of some trajectories. */
  | { readonly type: 'want'; readonly step: number; readonly sequences: readonly number[] }
  /** Which trajectories have a text in prompt or response, in whatever case. */
  | { readonly type: 'search'; readonly step: number; readonly text: string }
  /** Open the file of the step as text. */
  | { readonly type: 'openFile'; readonly step: number }
  /** Something went wrong in the page; goes to the log. */
  | { readonly type: 'error'; readonly message: string };

/** What a lens leaves in the window as its state (VS Code's `setState`), by which it is there again after a reload. */
export interface LensMemory {
  readonly version: 1;
  /** As the last `source` had it. */
  readonly place: string;
  /** Which step it showed; null: none yet. */
  readonly step: number | null;
}
