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
  const own = ownName(place.source);
  return {
    kind: 'foreign',
    format: place.format,
    title,
    id: placeId(place),
    name: facts.name ?? place.run ?? own.name,
    group: assigned.group ?? facts.group ?? own.folder,
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

/** Names that a program gives to the log of every run, and that tell none apart: the folder's is the run's. */
const usual =
  /^(?:trainer_state|trainer_log|progress|metrics|logging|logs?|train|training|output|out|stdout|console|nohup|results?|runs?|main)(?:[._-]?\d+)?$/i;

/** What a file or folder is called, without what every such file is; and the folder that it lies in. */
function ownName(source: string): { readonly name: string; readonly folder: string } {
  const file = path.basename(source);
  const stem = /\.(?:jsonl?|csv|log|txt|out|err|ipynb|db|sqlite3?|wandb)$/i.test(file) ? file.slice(0, file.lastIndexOf('.')) : file;
  const folder = path.dirname(source);
  const outer = path.basename(path.dirname(folder));
  if (usual.test(stem) && path.basename(folder) !== '')
    return { name: path.basename(folder), folder: outer === '' ? path.basename(folder) : outer };
  return { name: stem, folder: path.basename(folder) };
}

function comparable(
  parameters: Readonly<Record<string, ParameterValue>>,
  { estimator }: RunFacts,
): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(
    Object.entries(parameters).filter(([key, value]) => !incidental.test(key) && (estimator === undefined || value !== estimator)),
  );
}
