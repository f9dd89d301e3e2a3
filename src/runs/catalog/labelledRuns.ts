import type { RunIdentity } from '../../core/records/runIdentity.ts';
import type { RunLabel } from '../../core/records/runLabel.ts';
import { groupKey, groupTitles } from './groupTitles.ts';
import type { GroupTitle } from './groupTitles.ts';
import type { CatalogChange, RunOverview } from './runOverview.ts';

/** What somebody said of runs and groups. */
export interface LabelSource {
  run(dir: string): RunLabel | undefined;
  /** The name of a group. */
  group(runsDir: string, group: string): string | undefined;
}

const unsaid: LabelSource = { run: () => undefined, group: () => undefined };

/** A run as its files tell of it, and as it was told last. */
interface Known {
  bare: RunOverview;
  told: RunOverview;
}

/** Runs with what is said of them, and what their groups are called. An overview stays the same object while nothing about it changes. */
export class LabelledRuns {
  private readonly known = new Map<string, Known>();
  /** Identities with their labels, by those without. */
  private readonly identities = new WeakMap<RunIdentity, RunIdentity>();
  private titles: ReadonlyMap<string, GroupTitle> = new Map();
  private isRelabelled = false;

  constructor(private readonly labels: LabelSource = unsaid) {}

  get all(): Iterable<RunOverview> {
    return [...this.known.values()].map(({ told }) => told);
  }

  get(dir: string): RunOverview | undefined {
    return this.known.get(dir)?.told;
  }

  /** Something else may be said of any run; it is found out with the next change. */
  relabel(): void {
    this.isRelabelled = true;
  }

  /** Takes in runs that may have changed. `overviewOf`: what their files tell now; undefined: they are gone. */
  take(dirs: Iterable<string>, overviewOf: (dir: string) => RunOverview | undefined): CatalogChange {
    const added: Known[] = [];
    const removed: RunOverview[] = [];
    const fresh = new Set<Known>();
    // What a group is called follows from all others, and only the identity of a run says which group it is in.
    const { isRelabelled } = this;
    let isRegrouped = isRelabelled;
    this.isRelabelled = false;
    for (const dir of dirs) {
      const known = this.known.get(dir);
      const bare = overviewOf(dir);
      if (bare === known?.bare) continue;
      if (bare?.identity !== known?.bare.identity) isRegrouped = true;
      if (bare) {
        const now = known ?? { bare, told: bare };
        now.bare = bare;
        this.known.set(dir, now);
        fresh.add(now);
        if (!known) added.push(now);
      } else if (known) {
        this.known.delete(dir);
        removed.push(known.told);
      }
    }
    if (isRegrouped) {
      const runs = [...this.known.values()].map(({ bare }) => bare);
      this.titles = groupTitles(runs, (runsDir, group) => this.labels.group(runsDir, group));
    }
    const isNew = new Set(added);
    const told = [...(isRegrouped ? this.known.values() : fresh)].filter((known) => this.tell(known, fresh.has(known), isRelabelled));
    const changed = told.filter((known) => !isNew.has(known));
    return { added: added.map((known) => known.told), changed: changed.map((known) => known.told), removed };
  }

  /** Brings what is told of a run up to date. Returns whether it is something else than before. */
  private tell(known: Known, isFresh: boolean, isRelabelled: boolean): boolean {
    const { bare, told } = known;
    const identity = isFresh || isRelabelled ? this.labelled(bare.identity, this.labels.run(bare.dir)) : told.identity;
    const group = this.titles.get(groupKey(bare));
    if (!isFresh && identity === told.identity && group?.title === told.group?.title && group?.isOfRuns === told.group?.isOfRuns)
      return false;
    known.told = { ...bare, identity, ...(group && { group }) };
    return true;
  }

  private labelled(identity: RunIdentity, label: RunLabel | undefined): RunIdentity {
    if (label === undefined) return identity;
    const known = this.identities.get(identity);
    if (known && isSame(known.label, label)) return known;
    const labelled = { ...identity, label };
    this.identities.set(identity, labelled);
    return labelled;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
