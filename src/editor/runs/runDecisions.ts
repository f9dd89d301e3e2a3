import path from 'node:path';
import type { Memento } from 'vscode';
import { EventEmitter } from 'vscode';
import type { MetricKeys, MetricRole } from '../../core/records/metricRoles.ts';
import type { RunAssignment } from '../../runs/sources/foreignIdentity.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { PathPattern } from '../../runs/sources/pathPattern.ts';
import { placeId, runDirectoryFormat } from '../../runs/sources/runPlace.ts';
import { Disposables } from '../disposable.ts';

const openedKey = 'otb.opened';
const decidedKey = 'otb.decided';

interface Decided {
  /** Over the path of every run of another program. */
  readonly pattern?: string;
  /** By run. */
  readonly runs: Readonly<Record<string, RunAssignment>>;
  /** By format and folder: what holds for one log of a training script holds for the next. */
  readonly metrics: Readonly<Record<string, MetricKeys>>;
}

const nothing: Decided = { runs: {}, metrics: {} };

/** What the user has opened and decided about runs of other programs, kept for the workspace. */
export class RunDecisions extends Disposables {
  private readonly changed = this.register(new EventEmitter<'opened' | 'decided'>());
  readonly onDidChange = this.changed.event;
  private pattern: { readonly text: string; readonly parsed: PathPattern } | undefined;

  constructor(private readonly memory: Memento) {
    super();
  }

  /** Absolute paths of the files and folders that were opened, the latest last. */
  get opened(): readonly string[] {
    const value = this.memory.get<unknown>(openedKey);
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  }

  async open(places: readonly string[]): Promise<void> {
    await this.memory.update(openedKey, [...new Set([...this.opened, ...places])]);
    this.changed.fire('opened');
  }

  async close(places: readonly string[]): Promise<void> {
    await this.memory.update(
      openedKey,
      this.opened.filter((place) => !places.includes(place)),
    );
    this.changed.fire('opened');
  }

  /** The opened files and folders that a run is in. */
  openedWith(source: string): readonly string[] {
    return this.opened.filter((place) => source === place || source.startsWith(place.endsWith(path.sep) ? place : place + path.sep));
  }

  get pathPattern(): string | undefined {
    return this.decided.pattern;
  }

  /** What was decided about a run; what was said of it alone counts more than a pattern. */
  assigned(place: RunPlace): RunAssignment | undefined {
    const { runs, metrics, pattern } = this.decided;
    const metricKeys = metrics[metricsKey(place)];
    const byPath = place.format === runDirectoryFormat || pattern === undefined ? undefined : this.parsed(pattern)?.match(place.source);
    return { ...byPath, ...runs[placeId(place)], ...(metricKeys && { metricKeys }) };
  }

  /** In place of what was decided about these runs before. */
  async assign(ids: readonly string[], assignment: RunAssignment): Promise<void> {
    const { runs } = this.decided;
    const changed = Object.fromEntries(ids.map((id) => [id, assignment]));
    await this.decide({ runs: { ...runs, ...changed } });
  }

  async setPattern(pattern: string | undefined): Promise<void> {
    const { runs, metrics } = this.decided;
    await this.memory.update(decidedKey, { runs, metrics, ...(pattern !== undefined && { pattern }) });
    this.changed.fire('decided');
  }

  /** `metric`: null for what the names of the metrics tell. */
  async chooseMetric(role: MetricRole, metric: string | null, places: readonly RunPlace[]): Promise<void> {
    const { metrics } = this.decided;
    const changed = Object.fromEntries(
      places.map((place) => {
        const others = Object.fromEntries(Object.entries(metrics[metricsKey(place)] ?? {}).filter(([other]) => other !== role));
        return [metricsKey(place), metric === null ? others : { ...others, [role]: metric }];
      }),
    );
    await this.decide({ metrics: { ...metrics, ...changed } });
  }

  private async decide(change: Partial<Decided>): Promise<void> {
    await this.memory.update(decidedKey, { ...this.decided, ...change });
    this.changed.fire('decided');
  }

  private get decided(): Decided {
    return { ...nothing, ...this.memory.get<Partial<Decided>>(decidedKey) };
  }

  private parsed(text: string): PathPattern | undefined {
    if (this.pattern?.text !== text) {
      const parsed = PathPattern.parse(text);
      this.pattern = typeof parsed === 'string' ? undefined : { text, parsed };
    }
    return this.pattern?.parsed;
  }
}

/** Runs of the built-in trainer log what they log under names of ours: a choice for one is no choice for others. */
function metricsKey(place: RunPlace): string {
  return place.format === runDirectoryFormat ? placeId(place) : `${place.format} ${path.dirname(place.source)}`;
}
