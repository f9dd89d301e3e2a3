import type { Sensitivity } from '../../core/collapse/sensitivity.ts';
import type { ParameterValue } from '../../core/comparison/groups.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import type { ForeignIdentity } from '../../core/records/runIdentity.ts';
import type { RunFacts, RunPlace } from './format.ts';
import { formatNamed } from './formats.ts';
import { judgedAt } from './knownKeys.ts';
import { namedEstimator } from './pathPattern.ts';
import { placeId } from './runPlace.ts';
import { tellingParts } from './sourceName.ts';

/** What somebody decided about a run because its files do not tell, or tell otherwise. */
export interface RunAssignment {
  readonly estimator?: string;
  readonly seed?: number;
  readonly group?: string;
  readonly metricKeys?: MetricKeys;
  /** How readily it is called collapsed, whatever its config says. */
  readonly sensitivity?: Sensitivity;
  /** The same where its config says nothing of it. */
  readonly usualSensitivity?: Sensitivity;
}

/** Last parts of the names of parameters that name a run, its seed or where its files are, and tell nothing of how it trained. */
const incidental =
  /(?:^|[./_-])(?:name|seed|id|dir|dirs|path|paths|file|files|folder|host|port|pid|date|time|timestamp|version|tags?|notes?)$/i;

/**
 * What a run of another program is. What its files tell comes first, then what its path does; `assigned` counts more than both.
 *
 * @param createdAt when its files begin, where they do not say when the run did. ISO 8601; empty: not known
 */
export function foreignIdentity(
  place: RunPlace,
  facts: RunFacts,
  metricKeys: MetricKeys,
  { assigned = {}, createdAt = '' }: { readonly assigned?: RunAssignment | undefined; readonly createdAt?: string } = {},
): ForeignIdentity {
  const { title } = formatNamed(place.format);
  const [name = place.source, group = ''] = tellingParts(place.source).toReversed();
  const called = facts.name ?? place.run ?? name;
  const byName = facts.estimator === undefined ? namedEstimator(called) : undefined;
  return {
    kind: 'foreign',
    format: place.format,
    title,
    id: placeId(place),
    name: called,
    group: assigned.group ?? facts.group ?? group,
    estimator: assigned.estimator ?? facts.estimator ?? byName?.estimator ?? null,
    seed: assigned.seed ?? facts.seed ?? byName?.seed ?? null,
    plannedSteps: facts.plannedSteps ?? null,
    maxGradNorm: facts.maxGradNorm ?? null,
    createdAt: facts.createdAt ?? createdAt,
    host: facts.host ?? '',
    config: facts.parameters === undefined ? null : comparable(facts.parameters, facts),
    metricKeys,
    ...(assigned.metricKeys && { chosenKeys: assigned.metricKeys }),
    ...judgedAt(null, assigned),
  };
}

function comparable(
  parameters: Readonly<Record<string, ParameterValue>>,
  { estimator }: RunFacts,
): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([key, value]) => !incidental.test(key) && (estimator === undefined || value !== estimator)),
  );
}
