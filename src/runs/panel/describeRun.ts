import type { PanelRun } from '../../core/panel/panelRun.ts';
import type { CollapseEvent } from '../../core/records/events.ts';
import { setOwn } from '../../core/records/json.ts';
import { comparedAs } from '../../core/records/runIdentity.ts';
import { hasEnded } from '../../core/records/runState.ts';
import type { PanelMember } from './panelMembers.ts';
import type { WholeRunNumbers } from './runStatistics.ts';

/** What is read of a run besides its overview; undefined where its metrics are not read yet. */
export interface RunReading {
  readonly metrics: readonly string[];
  readonly numbers: WholeRunNumbers;
  readonly notes: readonly string[];
}

const nothingRead: WholeRunNumbers = { medianGradNorm: null, maxGradNorm: null, bestScore: null, finalScore: null };

function panelIdentity(identity: PanelMember['run']['identity']): NonNullable<PanelRun['identity']> {
  switch (identity.kind) {
    case 'builtin':
      return { kind: identity.kind };
    case 'command':
      return { kind: identity.kind, canResume: identity.canResume };
    case 'foreign':
      return { kind: identity.kind, title: identity.title };
  }
}

/** A run as its panel shows it. */
export function describeRun(
  { run, phase, label, series, parameters, repeatOf, group, branchedFrom }: PanelMember,
  reading: RunReading | undefined,
): PanelRun {
  const { identity } = run;
  const { name: givenName, tags, color } = identity.label ?? {};
  const { medianGradNorm, maxGradNorm, bestScore, finalScore } = reading?.numbers ?? nothingRead;
  return {
    id: run.dir,
    label,
    name: identity.name,
    ...(group !== undefined && { group }),
    ...(givenName !== undefined && { givenName }),
    ...(tags !== undefined && { tags }),
    ...(color !== undefined && { color }),
    identity: panelIdentity(identity),
    metricKeys: identity.metricKeys,
    chosenKeys: identity.chosenKeys ?? {},
    estimator: comparedAs(identity),
    seed: identity.seed,
    series,
    parameters,
    repeatOf,
    ...(branchedFrom && { branchedFrom }),
    process: phase,
    isDeleted: run.isDeleted === true,
    note: run.note,
    notShown: reading?.notes ?? [],
    collapse: run.collapse,
    notJudged: run.notJudged,
    onsetStep: run.onsetStep,
    detectedStep: run.detectedStep,
    marks: run.collapseEvents.map((event) => ({ ...event, data: finiteData(event.data) })),
    ...(run.stepNotes.length > 0 && { stepNotes: run.stepNotes }),
    plannedSteps: identity.plannedSteps,
    warmStart: finite(run.warmStart),
    startupSeconds: finite(run.startupSeconds ?? null),
    metrics: reading?.metrics ?? [],
    numbers: {
      step: run.step === 0 ? null : run.step,
      gradNorm: finite(run.gradNorm),
      medianGradNorm: finite(medianGradNorm),
      maxGradNorm: finite(maxGradNorm),
      score: finite(run.score),
      bestScore: finite(bestScore),
      finalScore: hasEnded({ process: phase }) ? finite(finalScore) : null,
      stepsPerSecond: finite(run.stepsPerSecond),
    },
    createdAt: identity.createdAt,
  };
}

/** The number as a message can carry it; null: there is none. */
function finite(value: number | null): number | null {
  if (value === null || Number.isNaN(value)) return null;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

function finiteData(data: CollapseEvent['data']): CollapseEvent['data'] {
  const carried: Record<string, number> = {};
  for (const [name, value] of Object.entries(data)) {
    const number = finite(value);
    if (number !== null) setOwn(carried, name, number);
  }
  return carried;
}
