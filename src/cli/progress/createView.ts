import type { Output } from '../output.ts';
import type { FollowedRun } from './followedRun.ts';
import { LiveView } from './liveView.ts';
import { ProgressLog } from './progressLog.ts';
import type { ProgressView } from './progressView.ts';

/** A live table on a terminal, with a last line that says what Ctrl-C does; lines everywhere else. */
export function createView(runs: readonly FollowedRun[], parallel: number, interruption: string, output: Output): ProgressView {
  return output.isLive ? new LiveView(runs, parallel, interruption, output) : new ProgressLog((line) => output.note(line));
}
