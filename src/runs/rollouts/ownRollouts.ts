import path from 'node:path';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import { bytesText } from '../../core/notation.ts';
import { runFiles } from '../../core/records/run.ts';
import { parseTrajectory, parseTrajectoryLine } from '../../core/records/trajectory.ts';
import type { Trajectory } from '../../core/records/trajectory.ts';
import { listRollouts, stepName } from '../directory/checkpoints.ts';
import { isMissing } from '../directory/missing.ts';
import { openRegular } from '../directory/regularFile.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import { byteLines } from './byteLines.ts';
import type { ByteLine } from './byteLines.ts';
import type { ReadTrajectory, RolloutSource } from './rolloutSource.ts';
import { TrajectoryScanner } from './trajectoryScanner.ts';

/** Bytes beyond which a line is no trajectory: one of 100,000 tokens has a quarter of it. */
const longestLine = 128 << 20;
/** Bytes of a step that are read: what is in memory of them is less than half of it. */
const mostBytes = 2 ** 30;

/** The rollouts in a run directory, as the built-in trainer and `otb_trl` write them. */
export class OwnRollouts implements RolloutSource {
  private readonly scanner = new TrajectoryScanner();

  constructor(
    private readonly dir: string,
    readonly name: string,
    readonly estimator: EstimatorName | null,
  ) {}

  steps(): Promise<readonly number[]> {
    return Promise.resolve(listRollouts(this.dir).map(({ step }) => step));
  }

  file(step: number): string {
    const written = listRollouts(this.dir).find((each) => each.step === step);
    return written?.file ?? path.join(this.dir, runFiles.rollouts, `${stepName(step)}.jsonl`);
  }

  async *read(step: number): AsyncGenerator<ReadTrajectory> {
    const file = this.file(step);
    const handle = await openRegular(file).catch((error: unknown) => {
      throw isMissing(error) ? new RunDirectoryError(file, 'is gone', 'Show another step.', { cause: error }) : unreadable(file, error);
    });
    try {
      yield* this.lines(handle, file);
    } catch (error) {
      throw error instanceof RunDirectoryError ? error : unreadable(file, error);
    } finally {
      await handle.close();
    }
  }

  private async *lines(handle: Awaited<ReturnType<typeof openRegular>>, file: string): AsyncGenerator<ReadTrajectory> {
    /** By the number of its sequence, the line of each trajectory. */
    const lines = new Map<number, number>();
    for await (const line of byteLines(handle, longestLine)) {
      if (line.number === 1) requireText(line, file);
      if (line.read > mostBytes) {
        yield {
          kind: 'malformed',
          line: line.number,
          problem: `is not read, nor is what follows: only the first ${bytesText(mostBytes)} of a step are`,
        };
        return;
      }
      const trajectory = this.trajectory(line);
      if (trajectory === undefined) continue;
      if (typeof trajectory === 'string') {
        yield { kind: 'malformed', line: line.number, problem: trajectory };
        continue;
      }
      const { sequence } = trajectory;
      const before = lines.get(sequence);
      if (before === undefined) yield { kind: 'trajectory', trajectory };
      else yield { kind: 'malformed', line: line.number, problem: `sequence is ${sequence}, as in line ${before}` };
      lines.set(sequence, line.number);
    }
    if (lines.size === 0 && (await handle.stat()).size === 0)
      throw new RunDirectoryError(file, 'is empty', 'Show another step; if you can, write this one again.');
  }

  /** Undefined: the line is empty. */
  private trajectory({ bytes, from, to, isOverlong }: ByteLine): Trajectory | string | undefined {
    if (isOverlong) return `is longer than ${bytesText(longestLine)}`;
    const scanned = this.scanner.scan(bytes, from, to);
    if (scanned !== undefined) {
      const trajectory = parseTrajectory(scanned);
      if (typeof trajectory !== 'string') return trajectory;
    }
    // As any other JSON: the words for what is wrong have the values that stand there.
    const line = bytes.toString('utf8', from, to);
    return line.trim() === '' ? undefined : parseTrajectoryLine(line);
  }
}

function requireText({ bytes, from, to }: ByteLine, file: string): void {
  if (!bytes.subarray(from, Math.min(to, from + 4096)).includes(0)) return;
  throw new RunDirectoryError(file, 'is not text', 'See what wrote it, then delete it or put it elsewhere.');
}
