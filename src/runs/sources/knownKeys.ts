import type { Sensitivity } from '../../core/collapse/sensitivity.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import { metricKeysAmong } from '../../core/records/metricRoles.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { chosenKeys, identityOf } from '../../core/records/runIdentity.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import type { RunAssignment } from './foreignIdentity.ts';

/** The metrics that a run has logged so far, and which of them are the gradient norm, the score … */
export class KnownKeys {
  private readonly seen = new Set<string>();
  found: MetricKeys;

  /** `chosen`: what somebody decided. */
  constructor(private readonly chosen: MetricKeys = {}) {
    this.found = metricKeysAmong([], chosen);
  }

  /** Returns whether another metric plays a role than before. */
  take(keys: readonly string[]): boolean {
    const { size } = this.seen;
    for (const key of keys) this.seen.add(key);
    return this.seen.size > size && this.decide();
  }

  takeRecords(records: readonly MetricsRecord[]): boolean {
    const { size } = this.seen;
    for (const { data } of records) for (const key in data) if (!this.seen.has(key)) this.seen.add(key);
    return this.seen.size > size && this.decide();
  }

  private decide(): boolean {
    const found = metricKeysAmong([...this.seen], this.chosen);
    const isSame = JSON.stringify(found) === JSON.stringify(this.found);
    this.found = found;
    return !isSame;
  }
}

/** What a run is whose metrics have been found to have these names; undefined: it has none yet. */
export function identityKnowing(record: RunRecord, found: MetricKeys | undefined, assigned: RunAssignment | undefined): RunIdentity {
  return found === undefined || isUsual(record, found) ? readIdentity(record, assigned) : identityNaming(record, found, assigned);
}

export function identityNaming(record: RunRecord, metricKeys: MetricKeys, assigned: RunAssignment | undefined): RunIdentity {
  const chosen = chosenOf(record, assigned);
  const known = readIdentity(record, assigned);
  return { ...known, metricKeys, ...(chosen && Object.keys(chosen).length > 0 && { chosenKeys: chosen }) };
}

/** At which level a run is judged: as was asked for now, else as its config says, else as is usual here; nothing where nobody has said. */
export function judgedAt(
  configured: Sensitivity | null,
  { sensitivity, usualSensitivity }: Pick<RunAssignment, 'sensitivity' | 'usualSensitivity'> = {},
): Pick<RunIdentity, 'sensitivity'> {
  const level = sensitivity ?? configured ?? usualSensitivity;
  return level === undefined ? {} : { sensitivity: level };
}

function readIdentity(record: RunRecord, assigned: RunAssignment | undefined): RunIdentity {
  return { ...identityOf(record), ...judgedAt(record.config.collapseSensitivity, assigned) };
}

/** Which metrics of a run somebody decided on: its config, or whoever looks at it, which counts more. Undefined: nobody. */
export function chosenOf({ config }: RunRecord, assigned: RunAssignment | undefined): MetricKeys | undefined {
  if (!isProgram(config)) return assigned?.metricKeys;
  return { ...chosenKeys(config), ...assigned?.metricKeys };
}

/** Whether these are the names by which a run is known before its first step: those of the built-in trainer, for its own runs. */
export function isUsual({ config }: RunRecord, { gradNorm = metricNames.gradNorm, score = metricNames.score }: MetricKeys): boolean {
  return !isProgram(config) && gradNorm === metricNames.gradNorm && score === metricNames.score;
}
