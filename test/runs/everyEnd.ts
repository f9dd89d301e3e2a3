import type { ExitRecord } from '../../src/core/records/run.ts';

/** Every way in which a run's process can end, null: without a word; and whether the run can then go on from its last checkpoint. */
export const everyEnd: readonly (readonly [reason: ExitRecord['reason'] | null, resumes: boolean])[] = [
  ['completed', false],
  ['collapsed', false],
  ['diverged', false],
  ['dead', false],
  ['stopped', true],
  ['failed', true],
  [null, true],
];

/** The exit record of a run that ended so after step 3. */
export function exitOf(reason: ExitRecord['reason'] | null): ExitRecord | null {
  return reason === null ? null : { code: reason === 'failed' ? 1 : 0, signal: null, lastStep: 3, reason, message: '', time: 0 };
}
