import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isProgram } from '../../src/core/config/programConfig.ts';
import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import { Random } from '../../src/core/random.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { PlannedRun, ProcessIdentity } from '../../src/core/records/run.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';
import { ownIdentity } from '../../src/runs/process/processIdentity.ts';
import { exampleRecord } from '../runs/exampleRun.ts';

/** How a recorded run went. */
export interface RunCourse {
  /** Step from which the gradient norm surges and the score falls; null: none. */
  readonly collapseAt: number | null;
  /** Last step that is written. */
  readonly steps: number;
  /** Goes on when it is asked for, as a run of this process. */
  readonly live?: boolean;
}

/** A run directory that a test writes as a trainer would, with what the collapse detector says of its metrics. */
export class RecordedRun {
  private readonly random: Random;
  private readonly detector;
  private step = 0;

  private constructor(
    private readonly writer: RunWriter,
    plan: PlannedRun,
    private readonly course: RunCourse,
  ) {
    this.random = new Random(plan.seed);
    const maxGradNorm = isProgram(plan.config) ? null : plan.config.optimizer.maxGradNorm;
    this.detector = createCollapseDetector({ estimator: plan.estimator, maxGradNorm });
  }

  static create(runsDir: string, plan: PlannedRun, course: RunCourse, identity: ProcessIdentity, createdAt: Date): RecordedRun {
    // Without an identity it is the run of a process that is gone.
    const command = isProgram(plan.config) && plan.config.command.map((text) => text.replaceAll('${estimator}', plan.estimator));
    const isLive = course.live === true;
    const record = exampleRecord({ ...plan, ...(command && { command }), ...(isLive && identity), createdAt: createdAt.toISOString() });
    const writer = RunWriter.create(path.join(runsDir, plan.id), record);
    const run = new RecordedRun(writer, plan, course);
    run.advance(course.steps);
    if (course.live !== true) run.finish();
    return run;
  }

  get dir(): string {
    return this.writer.dir;
  }

  /** Writes the steps up to this one. */
  advance(to: number): void {
    while (this.step < to) this.write(++this.step);
  }

  finish(): void {
    const time = this.timeOf(this.step);
    this.writer.appendEvent({ type: 'finished', step: this.step, time, data: {} });
    this.writer.writeExit({ code: 0, signal: null, lastStep: this.step, reason: 'completed', message: 'All steps are done.', time });
    this.writer.close();
  }

  private write(step: number): void {
    const since = this.course.collapseAt === null ? 0 : Math.max(0, step - this.course.collapseAt);
    const noise = Math.exp(0.4 * (this.random.uniform() - 0.5));
    const data = {
      [metricNames.gradNorm]: 0.5 * noise * Math.exp(Math.min(since * 0.15, 7)),
      [metricNames.score]: Math.min(1, step / 80) * (0.75 + 0.1 * this.random.uniform()) * Math.exp(-since / 15),
    };
    const time = this.timeOf(step);
    this.writer.appendMetrics({ step, time, data });
    for (const event of this.detector.update(step, data)) this.writer.appendEvent({ ...event, time });
  }

  private timeOf(step: number): number {
    return 1_767_268_800 + step / 5;
  }
}

/**
 * The runs of a config of the workspace, one for each estimator and seed, started together.
 * @param course how the run of an estimator and a seed went.
 */
export async function recordRuns(
  workspace: string,
  config: string,
  course: (plan: PlannedRun) => RunCourse,
  startedAt = new Date(2026, 0, 1, 12),
): Promise<readonly RecordedRun[]> {
  const file = path.join(workspace, config);
  const plans = planRuns(parseConfig(readFileSync(file, 'utf8'), file), { now: startedAt, cwd: workspace, git: null });
  const identity = await ownIdentity();
  return plans.map((plan) => RecordedRun.create(path.join(workspace, '.otb/runs'), plan, course(plan), identity, startedAt));
}
