import { quantile } from '../../src/core/statistics/quantiles.ts';
import type { Proportion } from '../../src/core/statistics/fisherExact.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { KnownCollapse, LabelledRun, LoggedStep } from './labelledRun.ts';
import type { Judge, Verdict } from './verdict.ts';

/** An alarm counts for a collapse from so many steps before the labelled one, or from its onset where that is earlier, to so many after it. */
const window = { before: 100, after: 50 } as const;
/** Where scores are rare, it has as many of them as this: fewer tell nothing. */
const scoresAfter = 3;
/** An onset is right within so many steps. */
const onsetTolerance = 10;

/** How a judge did on a set of runs. The alarm of a run is its first. Steps are those logged. */
export interface Measures {
  readonly judge: string;
  readonly set: string;
  /** Collapsed runs whose alarm lies in the window around the collapse, of all collapsed runs. */
  readonly caught: Proportion;
  /** The same of those whose labelled collapse has a labelled onset: a surge of the gradient norm. */
  readonly caughtOfSurges: Proportion;
  /** Collapsed runs whose alarm lies before that window, of all collapsed runs: false ones. */
  readonly early: Proportion;
  /** Collapsed runs whose alarm comes after that window. */
  readonly late: Proportion;
  /** Collapsed runs with any alarm in the window, whatever came before it. */
  readonly inWindow: Proportion;
  /** Healthy runs with an alarm, of all healthy runs. */
  readonly flagged: Proportion;
  /** Steps from the labelled collapse to the alarm of those caught: lower quartile, median, upper quartile; negative is before it. */
  readonly delay: Quartiles;
  /** Reported minus labelled onset of those caught that have one. */
  readonly onsetError: Quartiles;
  /** Those of them within 10 steps. */
  readonly onsetRight: Proportion;
  /** Steps of healthy runs, and of collapsed ones before the window. */
  readonly healthySteps: number;
  /** `unstable` events at these steps. */
  readonly warnings: number;
  /** Healthy runs with a warning. */
  readonly warned: Proportion;
  /** `spike` events at these steps. */
  readonly spikes: number;
  /** Runs that end in another state than they should, of those where that is known. A spike at the end of a healthy run is none. */
  readonly wrongState: Proportion;
  /** Runs with another alarm, onset or final state than in the runs that they are to be judged like; of 0: there are none. */
  readonly unlikePlain: Proportion;
  /** Every run that was missed, falsely flagged or given a wrong state, with its steps. */
  readonly findings: readonly Finding[];
}

type Quartiles = readonly [number, number, number];

interface Finding {
  readonly run: string;
  readonly what: 'missed' | 'late' | 'early' | 'flagged' | 'wrong onset' | 'wrong state' | 'unlike plain' | 'warned';
  readonly detail: string;
}

/** `plain`: what the judge said of the runs, by name, of which these are to be judged alike. */
export function measure(set: string, runs: Iterable<LabelledRun>, judge: Judge, plain?: ReadonlyMap<string, Verdict>): Measures {
  const tally = new Tally();
  for (const run of runs) tally.add(run, judge.judge(run), plain?.get(run.name));
  return { judge: judge.name, set, ...tally.result() };
}

/** All of these runs, and each of their groups: what a name begins with, up to the first space. Takes one run at a time. */
export function measureGroups(set: string, runs: Iterable<LabelledRun>, judge: Judge): Measures[] {
  const tallies = new Map([[set, new Tally()]]);
  for (const run of runs) {
    const verdict = judge.judge(run);
    const [group = ''] = run.name.split(' ');
    const tally = tallies.get(group) ?? new Tally();
    tallies.set(group, tally);
    tallies.get(set)?.add(run, verdict, undefined);
    tally.add(run, verdict, undefined);
  }
  return Array.from(tallies, ([name, tally]) => ({ judge: judge.name, set: name, ...tally.result() }));
}

class Tally {
  private collapsed = 0;
  private healthy = 0;
  private surges = 0;
  private readonly counts = { caught: 0, caughtOfSurges: 0, early: 0, late: 0, inWindow: 0, flagged: 0, warned: 0, warnings: 0, spikes: 0 };
  private readonly states = { count: 0, of: 0 };
  private readonly unlike = { count: 0, of: 0 };
  private healthySteps = 0;
  private readonly delays: number[] = [];
  private readonly onsetErrors: number[] = [];
  private readonly findings: Finding[] = [];

  add(run: LabelledRun, verdict: Verdict, plain: Verdict | undefined): void {
    if (run.collapse === null) this.addHealthy(run, verdict);
    else this.addCollapsed(run, run.collapse, verdict);
    const from = run.collapse === null ? Infinity : windowOf(run, run.collapse).first;
    const isHealthy = (step: number): boolean => step < from;
    this.healthySteps += run.steps.filter(({ step }) => isHealthy(step)).length;
    const warnings = verdict.warnings.filter(isHealthy);
    this.counts.warnings += warnings.length;
    this.counts.spikes += verdict.spikes.filter(isHealthy).length;
    if (warnings.length > 0) this.find(run, 'warned', `at ${warnings.join(', ')}`);
    this.addState(run, verdict);
    if (plain !== undefined) this.addUnlike(run, verdict, plain);
  }

  result(): Omit<Measures, 'judge' | 'set'> {
    const { caught, caughtOfSurges, early, late, inWindow, flagged, warned, warnings, spikes } = this.counts;
    const right = this.onsetErrors.filter((error) => Math.abs(error) <= onsetTolerance).length;
    return {
      caught: { count: caught, of: this.collapsed },
      caughtOfSurges: { count: caughtOfSurges, of: this.surges },
      early: { count: early, of: this.collapsed },
      late: { count: late, of: this.collapsed },
      inWindow: { count: inWindow, of: this.collapsed },
      flagged: { count: flagged, of: this.healthy },
      delay: quartiles(this.delays),
      onsetError: quartiles(this.onsetErrors),
      onsetRight: { count: right, of: this.onsetErrors.length },
      healthySteps: this.healthySteps,
      warnings,
      warned: { count: warned, of: this.healthy },
      spikes,
      wrongState: this.states,
      unlikePlain: this.unlike,
      findings: this.findings,
    };
  }

  private addHealthy(run: LabelledRun, { alarms: [alarm], onset, warnings }: Verdict): void {
    this.healthy += 1;
    if (warnings.length > 0) this.counts.warned += 1;
    if (alarm === undefined) return;
    this.counts.flagged += 1;
    this.find(run, 'flagged', `healthy; alarm at ${alarm}, onset ${onset ?? 'not said'}`);
  }

  private addCollapsed(run: LabelledRun, collapse: KnownCollapse, verdict: Verdict): void {
    const { alarms, onset } = verdict;
    const [alarm] = alarms;
    const { step, onset: labelled } = collapse;
    const { first, last } = windowOf(run, collapse);
    const label = `collapse ${step}, onset ${labelled ?? 'unknown'}`;
    this.collapsed += 1;
    if (labelled !== null) this.surges += 1;
    if (alarms.some((at) => at >= first && at <= last)) this.counts.inWindow += 1;
    if (alarm === undefined) return this.find(run, 'missed', `${label}; no alarm`);
    const detail = `${label}; alarm at ${alarm}, onset ${onset ?? 'not said'}`;
    if (alarm > last) {
      this.counts.late += 1;
      return this.find(run, 'late', detail);
    }
    if (alarm < first) {
      this.counts.early += 1;
      return this.find(run, 'early', detail);
    }
    this.counts.caught += 1;
    this.delays.push(alarm - step);
    if (labelled === null) return;
    this.counts.caughtOfSurges += 1;
    if (onset === null) return;
    this.onsetErrors.push(onset - labelled);
    if (Math.abs(onset - labelled) > onsetTolerance) this.find(run, 'wrong onset', detail);
  }

  private addState(run: LabelledRun, { finalState }: Verdict): void {
    if (run.finalState === null || finalState === null) return;
    this.states.of += 1;
    if (run.finalState === finalState || (run.finalState === 'healthy' && finalState === 'spike')) return;
    this.states.count += 1;
    this.find(run, 'wrong state', `ends ${run.finalState}; called ${finalState}`);
  }

  private addUnlike(run: LabelledRun, verdict: Verdict, plain: Verdict): void {
    const said = ({ alarms: [alarm], onset, finalState }: Verdict): string =>
      `alarm ${alarm ?? 'none'}, onset ${onset ?? 'none'}, ${finalState}`;
    this.unlike.of += 1;
    if (said(verdict) === said(plain)) return;
    this.unlike.count += 1;
    this.find(run, 'unlike plain', `${said(verdict)}; plain: ${said(plain)}`);
  }

  private find(run: LabelledRun, what: Finding['what'], detail: string): void {
    this.findings.push({ run: run.name, what, detail });
  }
}

function windowOf({ steps }: LabelledRun, { step, onset }: KnownCollapse): { readonly first: number; readonly last: number } {
  const after = Math.max(window.after, scoresAfter * scoreInterval(steps));
  return { first: Math.min(step - window.before, onset ?? step), last: step + after };
}

/** Steps from one score to the next, usually; 0: there are none. */
function scoreInterval(steps: readonly LoggedStep[]): number {
  const scored = steps.filter(({ data }) => Number.isFinite(data[metricNames.score]));
  return scored.length < 2
    ? 0
    : quantile(
        scored.slice(1).map(({ step }, i) => step - (scored[i]?.step ?? step)),
        0.5,
      );
}

function quartiles(values: readonly number[]): Quartiles {
  return [quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)];
}
