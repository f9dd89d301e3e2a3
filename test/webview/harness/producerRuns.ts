import path from 'node:path';
import type { HostMessage } from '../../../src/core/panel/messages.ts';
import { pseudoColumns, roleColumns } from '../../../src/core/panel/rows.ts';
import { expectedKeys } from '../../../src/core/records/runIdentity.ts';
import type { OpenRun } from '../../../src/runs/catalog/openRuns.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { RunStanding } from '../../../src/runs/catalog/runStanding.ts';
import { detectCollapse } from '../../../src/runs/inspection/detectCollapse.ts';
import { PanelFeed } from '../../../src/runs/panel/panelFeed.ts';
import type { RunPlace } from '../../../src/runs/sources/format.ts';
import { readSource } from '../../../src/runs/sources/readSource.ts';
import type { SourceContents } from '../../../src/runs/sources/readSource.ts';
import { placeId } from '../../../src/runs/sources/runPlace.ts';
import { until } from '../../e2e/harness/until.ts';

const producers = path.resolve('test/data/producers');

/** What real producers wrote: names, metrics and scales differ in everything. */
export const producerPlaces = {
  trl: { format: 'trainer-state', source: path.join(producers, 'trl-grpo/trainer_state.json') },
  verl: { format: 'verl-console', source: path.join(producers, 'verl-console/console.log') },
  sb3: { format: 'csv', source: path.join(producers, 'sb3/logs/progress.csv') },
} satisfies Readonly<Record<string, RunPlace>>;

/** What the extension says to a panel that has just been opened on runs of other programs; their charts have all columns. */
export async function openingOf(title: string, places: readonly RunPlace[]): Promise<readonly HostMessage[]> {
  const read = await Promise.all(places.map((place) => readSource(place)));
  const tables = new Map(read.map(({ place, metrics }) => [placeId(place), metrics]));
  const said: HostMessage[] = [];
  const feed = new PanelFeed({
    subject: { kind: 'runs', runs: [...tables.keys()] },
    link: null,
    source: { runs: read.map(overviewOf), openMetrics: (dir) => open(tables.get(dir)) },
    settings: () => ({ onsets: true }),
    post: (message) => Promise.resolve(void said.push(message)),
    onError: (error) => {
      throw error;
    },
  });
  const metrics = read.flatMap(({ metrics: { keys } }) => keys);
  feed.start();
  feed.setColumns([...Object.values(roleColumns), ...Object.values(pseudoColumns), ...metrics]);
  await until('rows of all runs', () => Promise.resolve(said.filter(({ type }) => type === 'rows').length >= places.length));
  await until('the numbers of the runs', () => Promise.resolve(said.filter(({ type }) => type === 'runs').length >= 2));
  feed.close();
  return said.map((message) => (message.type === 'open' ? { ...message, title } : message));
}

function open(table: SourceContents['metrics'] | undefined): OpenRun {
  if (table === undefined) throw new Error('there is no such run');
  return { table, caughtUp: Promise.resolve(), close: () => undefined };
}

function overviewOf({ place, identity, metrics, exit, state }: SourceContents): RunOverview {
  const { detector, events } = detectCollapse(metrics, identity);
  const standing = new RunStanding();
  standing.keys = expectedKeys(identity);
  for (const record of metrics.records(metrics.keys)) standing.addMetrics(record);
  const { step, gradNorm, score, stepsPerSecond, notJudged } = standing;
  return {
    dir: placeId(place),
    identity,
    process: state ?? 'idle',
    exit,
    collapse: detector.state,
    notJudged,
    onsetStep: detector.onsetStep,
    detectedStep: detector.detectedStep,
    collapseEvents: events,
    stepNotes: [],
    step,
    gradNorm,
    score,
    stepsPerSecond,
    warmStart: Number.NaN,
    sparkline: [],
    note: null,
  };
}
