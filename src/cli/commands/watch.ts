import type { Command } from 'commander';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { comparedAs } from '../../core/records/runIdentity.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { hasCollapsed, isLive } from '../../core/records/runState.ts';
import { CollapseHistory } from '../../runs/catalog/collapseHistory.ts';
import { readRunRecord, requireReadableMetrics } from '../../runs/directory/runFile.ts';
import type { RunChange } from '../../runs/directory/runFollower.ts';
import { detectorFor } from '../../runs/inspection/detectCollapse.ts';
import { inspectRun } from '../../runs/inspection/inspectRun.ts';
import { runsHere } from '../../runs/process/processState.ts';
import { followSource } from '../../runs/sources/followSource.ts';
import { foreignIdentity } from '../../runs/sources/foreignIdentity.ts';
import type { RunAssignment } from '../../runs/sources/foreignIdentity.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { identityKnowing } from '../../runs/sources/knownKeys.ts';
import { placeId, runDirectoryFormat } from '../../runs/sources/runPlace.ts';
import { CollapseAlerts } from '../collapseAlerts.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { assignmentOf, failOnCollapseOption, formatOption, nonEmpty, runWordsOptions } from '../options.ts';
import type { RunWords } from '../options.ts';
import type { Output } from '../output.ts';
import { Board } from '../progress/board.ts';
import { createView } from '../progress/createView.ts';
import { FollowedRun } from '../progress/followedRun.ts';
import { PendingEvents } from '../progress/pendingEvents.ts';
import { exitCodeOfUnread, findRunPlaces, readRuns } from '../runPaths.ts';

interface WatchOptions extends RunWords {
  readonly format?: string;
  readonly metrics?: true;
  readonly json?: true;
  readonly failOnCollapse?: true;
  readonly exec?: string;
  readonly webhook?: string;
}

interface WatchedRun {
  readonly place: RunPlace;
  readonly assigned: RunAssignment;
  readonly identity: RunIdentity;
}

/** `otb watch`: follows runs until their processes end. */
export function registerWatch(program: Command, context: CommandContext): void {
  const command = program
    .command('watch')
    .description('follow runs until they end')
    .argument('<path...>', 'run directories, logs and event files of other programs, or folders of them')
    .addOption(formatOption())
    .option('--metrics', 'with --json: also a line for each step')
    .addOption(failOnCollapseOption())
    .option('--exec <program>', 'run a program at each collapse, which gets a JSON document on standard input', nonEmpty)
    .option('--webhook <url>', 'post the same document to an address at each collapse', nonEmpty)
    .option('--json', 'print one JSON document a line on standard output: what happens, and finally how it ended')
    .action((paths: readonly string[], options: WatchOptions) => watch(paths, options, context));
  for (const option of runWordsOptions()) command.addOption(option);
}

async function watch(
  paths: readonly string[],
  { format, metrics, json, failOnCollapse, exec, webhook, ...words }: WatchOptions,
  context: CommandContext,
): Promise<void> {
  const { output, exitWith } = context;
  const alerts = new CollapseAlerts({ ...(exec !== undefined && { exec }), ...(webhook !== undefined && { webhook }) }, context);
  const read = await readRuns(
    await findRunPlaces(paths, context, format),
    (place) => watchable(place, assignmentOf(place, words)),
    context,
  );
  const { runs } = read;
  if (json) await Promise.all(runs.map((run) => stream(run, Boolean(metrics), output, alerts)));
  else if (runs.length > 0) await show(runs, output, alerts);
  await alerts.settled();
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  else if (failOnCollapse) {
    const collapsed = await Promise.all(
      runs.map(async ({ place }) => hasCollapsed(await inspectRun(place, { assigned: assignmentOf(place, words) }))),
    );
    if (collapsed.includes(true)) exitWith(exitCodes.collapse);
  }
}

/** What cannot be read will not be told of, however long somebody waits for it. */
async function watchable(place: RunPlace, assigned: RunAssignment): Promise<WatchedRun> {
  if (place.format !== runDirectoryFormat) return { place, assigned, identity: foreignIdentity(place, {}, {}, { assigned }) };
  const identity = identityKnowing(await readRunRecord(place.source), undefined, assigned);
  await requireReadableMetrics(place.source);
  return { place, assigned, identity };
}

async function show(watched: readonly WatchedRun[], output: Output, alerts: CollapseAlerts): Promise<void> {
  const runs = watched.map(
    ({ place, identity, assigned }) =>
      new FollowedRun(
        placeId(place),
        {
          estimator: comparedAs(identity),
          seed: identity.seed,
          config: { steps: identity.plannedSteps ?? Number.NaN, ...trainerHere(identity) },
        },
        place,
        assigned,
      ),
  );
  const view = createView(runs, runs.length, 'Ctrl-C ends watching, not the runs.', output);
  const listeners = new Map(runs.map((run, index) => [run, alerts.listener(run.dir, (watched[index] as WatchedRun).identity)]));
  const board = new Board(view, (run, change) => listeners.get(run)?.(change));
  await Promise.all(runs.map((run) => board.follow(run)));
  board.close();
}

/** What starts a run of this machine; nothing of another's, whose GPUs are not ours. */
function trainerHere(identity: RunIdentity): { readonly trainer?: string } {
  return identity.kind === 'command' && runsHere(identity.record) ? { trainer: identity.record.config.trainer } : {};
}

/** One line for each thing that happens; the last one of a run has type `end` and says how it went. */
function stream(
  { place, identity: begun, assigned }: WatchedRun,
  withMetrics: boolean,
  output: Output,
  alerts: CollapseAlerts,
): Promise<void> {
  const source = placeId(place);
  const say = (line: object) => output.printJsonLine({ source, ...line });
  const isOurs = begun.kind === 'builtin';
  const alarm = alerts.listener(source, begun);
  let detector = detectorFor(begun);
  /** Of a run of another program, of which the follower says what the detector does. */
  const told = new CollapseHistory();
  const events = new PendingEvents();
  const sayEvents = (step: number): void => events.take(step).filter(isLifecycleEvent).forEach(say);
  let steps = 0;
  const takeMetrics = (records: Iterable<MetricsRecord>): void => {
    for (const metrics of records) {
      steps = Math.max(steps, metrics.step);
      if (withMetrics) say({ type: 'metrics', ...metrics });
      if (!isOurs) continue;
      for (const event of detector.update(metrics.step, metrics.data)) say({ ...event, time: metrics.time });
      sayEvents(metrics.step);
    }
  };
  const takeEvents = (news: readonly RunEvent[]): void => {
    if (isOurs) {
      events.add(news);
      sayEvents(steps);
      return;
    }
    for (const event of news) {
      told.add(event);
      say(event);
    }
  };
  return new Promise((resolve) => {
    const follower = followSource(
      place,
      (change: RunChange) => {
        alarm(change);
        // Comes before the first metrics that the run has under other names.
        if (change.type === 'identity') detector = detectorFor(change.identity);
        else if (change.type === 'metrics') takeMetrics(change.records);
        else if (change.type === 'stretches') for (const { table } of change.stretches) takeMetrics(table.records());
        else if (change.type === 'events') takeEvents(change.events);
        else if (change.type === 'reset' && change.of === 'events') told.clear();
        else if (change.type === 'problem') say({ type: 'problem', message: change.problem.message });
        else if (change.type === 'unread') for (const { message } of change.files) say({ type: 'problem', message });
        else if (change.type === 'notes') for (const message of change.notes) say({ type: 'note', message });
        else if (change.type === 'deleted' || (change.type === 'state' && !isLive({ process: change.state }))) {
          sayEvents(Infinity);
          const [process, exit] = change.type === 'state' ? [change.state, change.exit] : ['lost', null];
          const { onsetStep, detectedStep } = isOurs ? detector : told;
          const state = isOurs ? detector.state : told.stateAt(steps);
          say({ type: 'end', process, reason: exit?.reason ?? null, steps, state, onsetStep, detectedStep });
          follower.close();
          resolve();
        }
      },
      { assigned },
    );
  });
}
