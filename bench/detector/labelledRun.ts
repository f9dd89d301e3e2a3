import type { CollapseState } from '../../src/core/records/events.ts';

/** What a run logged at one step. */
export interface LoggedStep {
  readonly step: number;
  readonly data: Readonly<Record<string, number>>;
}

/** A run with what is known about it. */
export interface LabelledRun {
  readonly name: string;
  /** Thresholds may be chosen on the runs of one half; what is reported comes from the other. */
  readonly half: 'tuning' | 'reporting';
  /** null: it does not collapse. */
  readonly collapse: KnownCollapse | null;
  /** The state that it ends in; null: not known. */
  readonly finalState: CollapseState | null;
  readonly steps: readonly LoggedStep[];
}

/** When a run collapses. */
export interface KnownCollapse {
  /** Step by which it has. */
  readonly step: number;
  /** Step at which what led to it began; null: not known. */
  readonly onset: number | null;
}

/** A rule that people use to notice trouble, for comparison with ours. */
export interface AlarmRule {
  readonly name: string;
  /** Where it comes from, and with which numbers it is used there. */
  readonly source: string;
  /** For one run: whether there is an alarm at this step. */
  create(): (step: number, data: Readonly<Record<string, number>>) => boolean;
}
