import type { Command } from 'commander';
import { hasCollapsed, isLive } from '../../core/records/runState.ts';
import { createCollapseDetector } from '../../core/collapse/detector.ts';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { readRunRecord, requireReadableMetrics } from '../../runs/directory/runFile.ts';
import type { RunChange } from '../../runs/directory/runFollower.ts';
import { RunFollower } from '../../runs/directory/runFollower.ts';
import { inspectRun } from '../../runs/inspection/inspectRun.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { failOnCollapseOption } from '../options.ts';
import type { Output } from '../output.ts';
import { Board } from '../progress/board.ts';
import { PendingEvents } from '../progress/pendingEvents.ts';
import { createView } from '../progress/createView.ts';
import { FollowedRun } from '../progress/followedRun.ts';
import { exitCodeOfUnread, findRunDirectories, readRuns } from '../runPaths.ts';

interface WatchOptions {
  readonly metrics?: true;
  readonly json?: true;
  readonly failOnCollapse?: true;
}

interface WatchedRun {
  readonly dir: string;
  readonly record: RunRecord;
}

/** `otb watch`: follows runs until their processes end. */
export function registerWatch(program: Command, context: CommandContext): void {
  program
    .command('watch')
    .description('follow runs until they end')
    .argument('<path...>', 'run directories, or folders of them')
    .option('--metrics', 'with --json: also a line for each step')
    .addOption(failOnCollapseOption())
    .option('--json', 'print one JSON document a line on standard output: what happens, and at last how it ended')
    .action((paths: readonly string[], options: WatchOptions) => watch(paths, options, context));
}

async function watch(paths: readonly string[], { metrics, json, failOnCollapse }: WatchOptions, context: CommandContext): Promise<void> {
  const { output, cwd, exitWith } = context;
  const dirs = await findRunDirectories(paths, cwd);
  const read = await readRuns(dirs, watchable, context);
  const { runs } = read;
  if (json) await Promise.all(runs.map((run) => stream(run, Boolean(metrics), output)));
  else if (runs.length > 0) await show(runs, output);
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  else if (failOnCollapse) {
    const collapsed = await Promise.all(runs.map(async ({ dir }) => hasCollapsed(await inspectRun(dir))));
    if (collapsed.includes(true)) exitWith(exitCodes.collapse);
  }
}

/** What cannot be read will not be told of, however long somebody waits for it. */
async function watchable(dir: string): Promise<WatchedRun> {
  const record = await readRunRecord(dir);
  await requireReadableMetrics(dir);
  return { dir, record };
}

async function show(watched: readonly WatchedRun[], output: Output): Promise<void> {
  const runs = watched.map(({ dir, record }) => new FollowedRun(dir, record));
  const view = createView(runs, runs.length, 'Ctrl-C ends watching, not the runs.', output);
  const board = new Board(view);
  await Promise.all(runs.map((run) => board.follow(run)));
  board.close();
}

/** One line for each thing that happens; the last one of a run has type `end` and says how it went. */
function stream({ dir, record }: WatchedRun, withMetrics: boolean, output: Output): Promise<void> {
  const source = dir;
  const say = (line: object) => output.printJsonLine({ source, ...line });
  const detector = createCollapseDetector({ estimator: record.estimator, maxGradNorm: record.config.optimizer.maxGradNorm });
  const events = new PendingEvents();
  const sayEvents = (step: number): void => events.take(step).filter(isLifecycleEvent).forEach(say);
  let steps = 0;
  return new Promise((resolve) => {
    const follower = new RunFollower(dir, (change: RunChange) => {
      if (change.type === 'metrics') {
        for (const metrics of change.records) {
          steps = Math.max(steps, metrics.step);
          if (withMetrics) say({ type: 'metrics', ...metrics });
          for (const event of detector.update(metrics.step, metrics.data)) say({ ...event, time: metrics.time });
          sayEvents(metrics.step);
        }
      } else if (change.type === 'events') {
        events.add(change.events);
        sayEvents(steps);
      } else if (change.type === 'problem') say({ type: 'problem', message: change.problem.message });
      else if (change.type === 'unread') for (const { message } of change.files) say({ type: 'problem', message });
      else if (change.type === 'deleted' || (change.type === 'state' && !isLive({ process: change.state }))) {
        sayEvents(Infinity);
        const [process, exit] = change.type === 'state' ? [change.state, change.exit] : ['lost', null];
        say({
          type: 'end',
          process,
          reason: exit?.reason ?? null,
          steps,
          state: detector.state,
          onsetStep: detector.onsetStep,
          detectedStep: detector.detectedStep,
        });
        follower.close();
        resolve();
      }
    });
  });
}
