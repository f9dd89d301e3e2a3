import path from 'node:path';
import type { ParameterValue } from '../../core/comparison/groups.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import type { ForeignIdentity } from '../../core/records/runIdentity.ts';
import type { RunFacts, RunPlace } from './format.ts';
import { formatNamed } from './formats.ts';
import { placeId } from './runPlace.ts';

/** What somebody decided about a run because its files do not tell, or tell otherwise. */
export interface RunAssignment {
  readonly estimator?: string;
  readonly seed?: number;
  readonly group?: string;
  readonly metricKeys?: MetricKeys;
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
  const file = path.basename(place.source);
  const folder = path.basename(path.dirname(place.source));
  return {
    kind: 'foreign',
    format: place.format,
    title,
    id: placeId(place),
    name: facts.name ?? place.run ?? (path.extname(file) === '' ? file : path.basename(file, path.extname(file))),
    group: assigned.group ?? facts.group ?? folder,
    estimator: assigned.estimator ?? facts.estimator ?? null,
    seed: assigned.seed ?? facts.seed ?? null,
    plannedSteps: facts.plannedSteps ?? null,
    maxGradNorm: facts.maxGradNorm ?? null,
    createdAt: facts.createdAt ?? createdAt,
    host: facts.host ?? '',
    config: facts.parameters === undefined ? null : comparable(facts.parameters, facts),
    metricKeys,
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
