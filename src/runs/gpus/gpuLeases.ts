import type { ProcessIdentity } from '../../core/records/run.ts';
import { ownIdentity } from '../process/processIdentity.ts';
import { findGpus } from './findGpus.ts';
import type { GpuSurvey } from './findGpus.ts';
import { GpuError } from './gpuError.ts';
import { chooseGpus, poolOf } from './gpuPool.ts';
import type { GpuChoice, GpuRequest } from './gpuPool.ts';
import { changeLeases, readLeases } from './leasesFile.ts';
import type { GpuLease } from './leasesFile.ts';
import { visibleGpus } from './visibleGpus.ts';

/** A run that takes GPUs, and what others are told of it. */
export type GpuTaker = Pick<GpuLease, 'runDir' | 'title'>;

/** Milliseconds for which a survey is good enough to go on waiting. To take a GPU, it is looked at anew. */
const usualSurveyMs = 5000;

/** Takes and gives back GPUs for runs, so that no two runs of this user on this machine have the same. */
export class GpuLeases {
  /** Whether GPUs have been found before: a tool that fails once will not fail for ever. */
  private hasFound = false;
  private readonly surveyMs: number;
  private survey: { readonly at: number; readonly of: Promise<GpuSurvey> } | undefined;

  /** @param env of this process: where the GPU tools and the leases are, and which GPUs it may use at all */
  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    { surveyMs = usualSurveyMs }: { readonly surveyMs?: number } = {},
  ) {
    this.surveyMs = surveyMs;
  }

  /**
   * Takes GPUs for a run, which this process then holds until it gives them back or ends: long enough for the run's own process to hold
   * them too. `waits`: there are not enough now. Throws a GpuError where there never will be.
   */
  async take(request: GpuRequest, { runDir, title }: GpuTaker): Promise<GpuChoice> {
    const began = Date.now();
    const before = await this.whoHas();
    const known = before.some((lease) => lease.runDir === runDir);
    let survey = await this.surveyed(began - this.surveyMs);
    if (!known) {
      const choice = this.chosen(request, survey, before);
      if (choice.kind === 'waits') return choice;
      survey = await this.surveyed(began);
    }
    const own = await ownIdentity();
    return changeLeases<GpuChoice>(this.env, (leases) => {
      // The run goes on, or this process has just taken them for it.
      const held = leases.find((lease) => lease.runDir === runDir);
      if (held !== undefined) {
        const lease = { ...held, holders: withHolder(held.holders, own) };
        return Promise.resolve({
          leases: leases.map((each) => (each === held ? lease : each)),
          result: { kind: 'taken', gpus: held.gpus },
        });
      }
      const result = this.chosen(request, survey, leases);
      const taken: readonly GpuLease[] = result.kind === 'taken' ? [{ gpus: result.gpus, runDir, title, holders: [own] }] : [];
      return Promise.resolve({ leases: [...leases, ...taken], result });
    });
  }

  /** Sees that a request can be fulfilled some time. Throws a GpuError. */
  async require(request: GpuRequest): Promise<void> {
    this.chosen(request, await this.surveyed(Date.now() - this.surveyMs), []);
  }

  /**
   * A process, by default this one, holds the GPUs of a run too, from now on; undefined: the run has none. Throws a GpuError where that
   * cannot be written.
   */
  async hold(runDir: string, holder?: ProcessIdentity): Promise<readonly number[] | undefined> {
    const own = holder ?? (await ownIdentity());
    return changeLeases(this.env, (leases) => {
      const held = leases.find((lease) => lease.runDir === runDir);
      const lease = held && { ...held, holders: withHolder(held.holders, own) };
      return Promise.resolve({ leases: leases.map((each) => (each === held && lease ? lease : each)), result: held?.gpus });
    });
  }

  /** A process, by default this one, does not hold the GPUs of a run any more. Never fails: what cannot be written ends with the process. */
  async release(runDir: string, holder?: ProcessIdentity): Promise<void> {
    const own = holder ?? (await ownIdentity());
    const others = (holders: readonly ProcessIdentity[]): readonly ProcessIdentity[] => holders.filter((each) => !isSame(each, own));
    await changeLeases(this.env, (leases) => {
      const left = leases.map((lease) => (lease.runDir === runDir ? { ...lease, holders: others(lease.holders) } : lease));
      return Promise.resolve({ leases: left.filter(({ holders }) => holders.length > 0), result: undefined });
    }).catch((error: unknown) => {
      if (!(error instanceof GpuError)) throw error;
    });
  }

  /** Which run has which GPUs now. Never fails. */
  whoHas(): Promise<readonly GpuLease[]> {
    return readLeases(this.env);
  }

  private chosen(request: GpuRequest, survey: GpuSurvey, leases: readonly GpuLease[]): GpuChoice {
    if (survey.kind === 'none' && this.hasFound) return { kind: 'waits', why: `GPUs: ${survey.problem}` };
    if (survey.kind === 'none')
      throw new GpuError(
        `"gpus" asks for ${request.count === 1 ? 'a GPU' : 'GPUs'}, but there is none: ${survey.problem}`,
        'Where the program needs none, remove "gpus" from the config.',
      );
    this.hasFound = true;
    const pool = poolOf(request, survey.gpus, visibleGpus(survey.gpus, survey.tool, this.env));
    const takenBy = new Map(leases.flatMap(({ gpus, title }) => gpus.map((index) => [index, title] as const)));
    return chooseGpus(request, pool, takenBy);
  }

  /** What there is, looked at no earlier than at that time, in milliseconds since 1970. */
  private surveyed(since: number): Promise<GpuSurvey> {
    if (this.survey === undefined || this.survey.at < since) this.survey = { at: Date.now(), of: findGpus(this.env) };
    return this.survey.of;
  }
}

function withHolder(holders: readonly ProcessIdentity[], own: ProcessIdentity): readonly ProcessIdentity[] {
  return holders.some((holder) => isSame(holder, own)) ? holders : [...holders, own];
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.processStartTime === b.processStartTime;
}
