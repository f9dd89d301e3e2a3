import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ProgramRunConfig, RunConfig } from '../src/core/config/config.ts';
import { isProgram } from '../src/core/config/programConfig.ts';
import type { PlannedRun, RunRecord } from '../src/core/records/run.ts';
import { loadConfig } from '../src/runs/config/loadConfig.ts';
import { readSource } from '../src/runs/sources/readSource.ts';
import type { SourceContents } from '../src/runs/sources/readSource.ts';
import { runDirectory } from '../src/runs/sources/runPlace.ts';
import { RunQueue } from '../src/runs/launcher/runQueue.ts';
import { planRuns } from '../src/runs/planning/planRuns.ts';
import type { PlanOptions } from '../src/runs/planning/planRuns.ts';

export interface StudySite {
  /** Root of the package. */
  readonly root: string;
  /** Folder of all that the study computes, so that it can be taken up again. */
  readonly folder: string;
  readonly parallel: number;
  /** Python of the trainers that are programs of it. */
  readonly python?: string;
}

/** A preset, or one with something else in it. */
export interface Experiment extends Pick<PlanOptions, 'estimators' | 'seeds' | 'steps'> {
  readonly preset: string;
  /** What it is called; left out: as the preset. */
  readonly name?: string;
  /** Keys of TRL's instead of the preset's. */
  readonly trl?: Readonly<Record<string, unknown>>;
}

/** Runs what is still missing of an experiment, and reads all of it. Runs that are done, with the same config, are kept. */
export async function experiment(
  { preset, name = preset, trl, ...instead }: Experiment,
  site: StudySite,
  log: (line: string) => void,
): Promise<readonly SourceContents[]> {
  const runsDir = path.join(site.folder, name);
  const loaded = await loadConfig(path.join(site.root, 'presets', `${preset}.otb.json`));
  const runs = planRuns(loaded, { ...instead, now: new Date(), cwd: site.root, runsDir, git: null }).map((run): PlannedRun => ({
    ...run,
    id: `${run.estimator}-s${run.seed}`,
    group: name,
    config: studied(run.config, trl),
  }));
  const missing = runs.filter((run) => !isDone(path.join(runsDir, run.id), run));
  for (const run of missing) rmSync(path.join(runsDir, run.id), { recursive: true, force: true });
  if (missing.length > 0) log(`${name}: ${missing.length} of ${runs.length} runs to do`);
  let ended = 0;
  const queue = new RunQueue({
    runs: missing,
    runsDir,
    engine: 'wasm-simd',
    threads: 1,
    parallel: site.parallel,
    cacheDir: path.join(site.folder, 'cache'),
    trainerEntry: path.join(site.root, 'dist', 'trainer.mjs'),
    ...(site.python !== undefined && { python: site.python }),
    graceMs: 5000,
    onChange: (change) => {
      if (change.type === 'failed-to-start') throw change.error;
      if (change.type === 'ended') log(`${name}: ${++ended} of ${missing.length}: ${change.run.id} ${change.state}`);
    },
  });
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    queue.cancel();
  });
  await queue.run();
  if (interrupted) {
    log(`${name}: interrupted; the same command goes on from here`);
    process.exit(130);
  }
  return Promise.all(runs.map(({ id }) => readSource(runDirectory(path.join(runsDir, id)))));
}

/** A run as the study takes it: what nobody reads is not written, and a run that is a program has one thread. */
function studied(config: RunConfig | ProgramRunConfig, trl: Experiment['trl']): RunConfig | ProgramRunConfig {
  if (!isProgram(config)) return { ...config, trajectories: { every: null } };
  const program = { ...config, env: { ...config.env, OMP_NUM_THREADS: '1' } };
  return program.trainer === 'trl' ? { ...program, trl: { ...program.trl, ...trl } } : program;
}

function isDone(dir: string, planned: PlannedRun): boolean {
  if (!existsSync(path.join(dir, 'exit.json'))) return false;
  const { reason } = JSON.parse(readFileSync(path.join(dir, 'exit.json'), 'utf8')) as { reason: string };
  const record = JSON.parse(readFileSync(path.join(dir, 'run.json'), 'utf8')) as RunRecord;
  return reason !== 'stopped' && reason !== 'failed' && JSON.stringify(record.config) === JSON.stringify(planned.config);
}
