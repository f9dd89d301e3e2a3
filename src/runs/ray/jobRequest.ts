import { createHash } from 'node:crypto';
import path from 'node:path';
import type { EntrypointResources } from '../../core/config/config.ts';
import { isObject } from '../../core/records/json.ts';
import { shellCommand } from './shellCommand.ts';

/** What is submitted: the body of `POST /api/jobs/`. */
export interface JobRequest {
  readonly entrypoint: string;
  readonly submission_id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly runtime_env?: Readonly<Record<string, unknown>>;
  readonly entrypoint_num_cpus?: number;
  readonly entrypoint_num_gpus?: number;
  /** Bytes. */
  readonly entrypoint_memory?: number;
  readonly entrypoint_resources?: Readonly<Record<string, number>>;
}

/** A run as a job. */
export interface JobPlan {
  /** The run directory, absolute. */
  readonly runDir: string;
  readonly estimator: string;
  readonly seed: number | null;
  readonly group: string;
  /** Program and arguments, with all variables replaced. */
  readonly command: readonly string[];
  /** Environment variables of the job, with all variables replaced. They are sent to the cluster, and written nowhere here. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder from which a relative `working_dir` starts. */
  readonly cwd: string;
  /** As the config has them. */
  readonly runtimeEnv: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly entrypointResources: EntrypointResources;
}

/** Ray makes file names of it. */
const longestId = 120;

/**
 * The id of the job of a run: the same whenever it is asked for, so that the job is found again, and another for each time that the run
 * is submitted, from 1. Two runs of the same name, in two folders or on two machines, have different ones. Letters, digits, `-`, `_` and `.`.
 */
export function submissionId(runDir: string, host: string, submission: number): string {
  const name = path.basename(runDir).replaceAll(/[^A-Za-z0-9._-]+/g, '_');
  const ending = `-${markOf(runDir, host)}${submission === 1 ? '' : `-${submission}`}`;
  return `otb-${name.slice(0, longestId)}${ending}`;
}

/** What is submitted for a run. Throws a RayError where an argument cannot be passed on. */
export function jobRequest(plan: JobPlan, host: string, id: string): JobRequest {
  const { cpus, gpus, memory, resources } = plan.entrypointResources;
  const runtimeEnv = runtimeEnvOf(plan);
  return {
    entrypoint: shellCommand(plan.command),
    submission_id: id,
    metadata: { ...plan.metadata, ...ownMetadata(plan, host) },
    ...(Object.keys(runtimeEnv).length === 0 ? {} : { runtime_env: runtimeEnv }),
    ...(cpus === null ? {} : { entrypoint_num_cpus: cpus }),
    ...(gpus === null ? {} : { entrypoint_num_gpus: gpus }),
    ...(memory === null ? {} : { entrypoint_memory: memory }),
    ...(resources === null || Object.keys(resources).length === 0 ? {} : { entrypoint_resources: resources }),
  };
}

/** Whether a job is one of this run, and not somebody else's that bears its id. */
export function isOfRun(metadata: Readonly<Record<string, unknown>>, { runDir }: Pick<JobPlan, 'runDir'>, host: string): boolean {
  return metadata['otb_run_dir'] === path.basename(runDir) && metadata['otb_mark'] === markOf(runDir, host);
}

function ownMetadata({ runDir, estimator, seed, group }: JobPlan, host: string): Record<string, string> {
  return {
    otb_run_dir: path.basename(runDir),
    otb_mark: markOf(runDir, host),
    otb_estimator: estimator,
    otb_group: group,
    ...(seed === null ? {} : { otb_seed: String(seed) }),
  };
}

/** A relative working directory is one of this machine, which a cluster elsewhere may see under the same path. */
function runtimeEnvOf({ runtimeEnv, env, cwd }: JobPlan): Readonly<Record<string, unknown>> {
  const { working_dir: folder, env_vars: variables } = runtimeEnv;
  const isRelative = typeof folder === 'string' && !folder.includes('://') && !path.isAbsolute(folder);
  const all = { ...(isObject(variables) ? variables : {}), ...env };
  return {
    ...runtimeEnv,
    ...(isRelative ? { working_dir: path.resolve(cwd, folder) } : {}),
    ...(Object.keys(all).length === 0 ? {} : { env_vars: all }),
  };
}

function markOf(runDir: string, host: string): string {
  return createHash('sha256').update(`${host}\n${runDir}`).digest('hex').slice(0, 8);
}
