import path from 'node:path';
import type { OwnRun } from '../catalog/runOverview.ts';

/** Runs of a config that one command started. */
export interface StartedGroup {
  readonly runsDir: string;
  readonly group: string;
  readonly runs: readonly OwnRun[];
}

/** The runs of one config file, by the command that started them. */
export class ConfigRuns {
  /** Newest first. */
  readonly groups: readonly StartedGroup[];

  /** @param runs in any order. */
  constructor(runs: readonly OwnRun[]) {
    const groups = new Map<string, { runsDir: string; group: string; runs: OwnRun[] }>();
    for (const run of runs) {
      // It says nothing of what the config does: it goes on with the policy of another run.
      if (run.identity.branchedFrom !== undefined) continue;
      const runsDir = path.dirname(run.dir);
      const key = JSON.stringify([runsDir, run.identity.group]);
      const started = groups.get(key) ?? { runsDir, group: run.identity.group, runs: [] };
      started.runs.push(run);
      groups.set(key, started);
    }
    for (const { runs: members } of groups.values()) members.sort((a, b) => a.identity.seed - b.identity.seed);
    this.groups = [...groups.values()].toSorted((a, b) => newest(b).localeCompare(newest(a)) || b.group.localeCompare(a.group));
  }

  get latest(): StartedGroup | undefined {
    return this.groups[0];
  }

  /** The newest group that has runs of the estimator. */
  groupOf(estimator: string): StartedGroup | undefined {
    return this.groups.find(({ runs }) => runs.some((run) => run.identity.estimator === estimator));
  }

  /** Runs of the estimator in that group, by seed. */
  latestOf(estimator: string): readonly OwnRun[] {
    return this.groupOf(estimator)?.runs.filter((run) => run.identity.estimator === estimator) ?? [];
  }

  /** Estimators that have runs. */
  get estimators(): readonly string[] {
    return [...new Set(this.groups.flatMap(({ runs }) => runs.map((run) => run.identity.estimator)))];
  }
}

/** ISO 8601 in UTC sorts by letters. */
function newest({ runs }: StartedGroup): string {
  return runs.reduce((latest, { identity }) => (identity.createdAt > latest ? identity.createdAt : latest), '');
}
