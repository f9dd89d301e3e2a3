import { valueText } from '../notation.ts';
import { getOwn } from '../records/json.ts';
import type { PanelRun } from './panelRun.ts';
import { lastPart } from './runFilter.ts';

/** Something in which runs differ, and by which they can be grouped and coloured. */
export interface RunAspect {
  /** Kept in the view: `estimator`, `group`, `seed`, `run`, or a parameter. */
  readonly id: string;
  readonly text: string;
}

const parameterPrefix = 'parameter:';

/** What these runs differ in; their estimator, and each on its own, whether they do or not. */
export function aspectsOf(runs: readonly PanelRun[]): readonly RunAspect[] {
  const differ = (id: string): boolean => new Set(runs.map((run) => aspectText(run, id))).size > 1;
  const paths = [...new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))];
  const lasts = paths.map(lastPart);
  return [
    { id: 'estimator', text: 'Estimator' },
    { id: 'group', text: 'Group' },
    { id: 'seed', text: 'Seed' },
    // Two parameters may have the same last part.
    ...paths.map((path) => {
      const last = lastPart(path);
      return { id: parameterId(path), text: lasts.filter((other) => other === last).length > 1 ? path : last };
    }),
    { id: 'run', text: 'Run' },
  ].filter(({ id }) => id === 'estimator' || id === 'run' || differ(id));
}

/** What a run is in this respect: "dr_grpo", "0.008"; "–" where it is not known. */
export function aspectText(run: PanelRun, id: string): string {
  const path = parameterOf(id);
  if (path !== null) return valueText(getOwn(run.parameters, path));
  switch (id) {
    case 'group':
      return run.group ?? run.name;
    case 'seed':
      return run.seed === null ? valueText(undefined) : `seed ${run.seed}`;
    case 'run':
      return run.label;
    default:
      return run.estimator;
  }
}

function parameterId(path: string): string {
  return `${parameterPrefix}${path}`;
}

/** The path of a parameter; null: the aspect is something else. */
export function parameterOf(id: string): string | null {
  return id.startsWith(parameterPrefix) ? id.slice(parameterPrefix.length) : null;
}
