import { setImmediate, setTimeout } from 'node:timers/promises';
import { isLive } from '../../core/records/runState.ts';
import type { HostMessage, PanelSettings } from '../../core/panel/messages.ts';
import { rowCount } from '../../core/panel/rows.ts';
import type { PanelRun } from '../../core/panel/panelRun.ts';
import type { BaselineChoice, PanelSubject } from '../../core/panel/view.ts';
import { isThere } from '../catalog/runOverview.ts';
import type { CatalogChange, RunOverview } from '../catalog/runOverview.ts';
import type { GpuWatch } from '../gpus/gpuWatch.ts';
import { nothingWaits } from '../launcher/waitingRuns.ts';
import type { Waiting } from '../launcher/waitingRuns.ts';
import { describeRun } from './describeRun.ts';
import { PanelGpus } from './panelGpus.ts';
import { PanelMembers, panelTitle } from './panelMembers.ts';
import type { PanelMember, Urgency } from './panelMembers.ts';
import { RunFeed } from './runFeed.ts';
import type { MetricSource } from './runFeed.ts';

export interface PanelFeedOptions {
  readonly subject: PanelSubject;
  /** Panels of one comparison share it. */
  readonly link: string | null;
  readonly source: MetricSource & { readonly runs: readonly RunOverview[] };
  readonly settings: () => PanelSettings;
  /** What is still to come in a group. */
  readonly waiting?: (group: Extract<PanelSubject, { kind: 'group' }>) => Waiting;
  /** The GPUs of this machine; left out: they are not shown. */
  readonly gpus?: Pick<GpuWatch, 'look'>;
  /** Settles when the message has arrived; the next rows wait for it. */
  readonly post: (message: HostMessage) => PromiseLike<unknown>;
  readonly onError: (error: unknown) => void;
  /** Least milliseconds between two messages with rows of a run, once the page has caught up with it. */
  readonly gatherMs?: number;
  /** Least milliseconds between two messages about the runs, unless one came, went, ended or collapsed. */
  readonly runsMs?: number;
  /** Most numbers of a message. */
  readonly sliceNumbers?: number;
  /** Milliseconds without a page that is seen, after which nothing is read any more. */
  readonly restMs?: number;
}

/** A run that is so many rows ahead of the page has a past, which is loaded at full speed. */
const manyRows = 1000;

/** A page, from when it says that it is ready until it is gone. */
interface Page {
  /** What it was told that it is called. */
  readonly title: string;
  /** Undefined until the page says what it shows. */
  columns: ReadonlySet<string> | undefined;
  sendingRows: boolean;
  tellingRuns: boolean;
  /** Those that it was told of. */
  metrics: ReadonlySet<string>;
  /** When it was last told about the runs, in milliseconds. */
  toldRunsAt: number;
}

/**
 * What a run panel's page is told. The host owns the data: a page gets everything, then what is new; while it is hidden, nothing, and
 * when it is seen again, what is new since. Nothing is read for a page that has been hidden for a while.
 */
export class PanelFeed {
  private readonly members: PanelMembers;
  private readonly gpus: PanelGpus;
  /** Runs of another panel that the page compares its own with; it does not show them. */
  private references: readonly PanelMember[] = [];
  /** By run; only while somebody looks, or has looked and may look again. */
  private readonly feeds = new Map<string, RunFeed>();
  /** Directories of runs that could not be opened. */
  private readonly unopened = new Set<string>();
  /** The page that is seen, and one that is hidden. */
  private page: Page | undefined;
  private hidden: Page | undefined;
  /** The runs that nothing is read of, as they were when that began. */
  private readonly resting = new Map<string, RunOverview>();
  private rest: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: PanelFeedOptions) {
    const { subject, source, waiting } = options;
    this.members = new PanelMembers(subject, source.runs, () => (subject.kind === 'group' && waiting?.(subject)) || nothingWaits);
    this.gpus = new PanelGpus(options.gpus, (gpus) => void this.post({ type: 'gpus', gpus }));
    // By the time that there is a page, what it is to show has been read.
    this.follow();
  }

  get title(): string {
    return panelTitle(this.members);
  }

  /** Those that have begun. */
  get runs(): readonly RunOverview[] {
    return this.members.all.flatMap(({ run }) => (isThere(run) ? run : []));
  }

  /** The runs of its own that a baseline stands for. */
  baselineMembers({ kind, run }: BaselineChoice): readonly PanelMember[] {
    const chosen = this.members.all.find((member) => member.run.dir === run);
    if (chosen === undefined || kind === 'run') return chosen === undefined ? [] : [chosen];
    return this.members.all.filter(({ series, repeatOf }) => series === chosen.series && repeatOf === null);
  }

  /** The page compares its runs with these of another panel; none: with nothing, or with its own. */
  setReferences(references: readonly PanelMember[]): void {
    const before = this.references;
    this.references = references.filter(({ run }) => isThere(run));
    const isSame = (one: PanelMember, index: number): boolean => one.run.dir === before[index]?.run.dir;
    const areSame = this.references.length === before.length && this.references.every(isSame);
    const followed = new Set(this.followed.map(({ dir }) => dir));
    for (const { run } of before) {
      if (followed.has(run.dir)) continue;
      this.feeds.get(run.dir)?.close();
      this.feeds.delete(run.dir);
    }
    if (!areSame) this.tell('now');
    else if (this.references.some((member, index) => member.run !== before[index]?.run)) this.tell('soon');
  }

  /** Its own runs that have begun, and those that they are compared with. */
  private get followed(): readonly RunOverview[] {
    return [...this.runs, ...this.references.flatMap(({ run }) => (isThere(run) ? run : []))];
  }

  /** There is a page, and it has nothing. */
  start(): void {
    if (!this.closed) this.open(undefined);
  }

  /** The page is hidden, and keeps what it has. */
  hide(): void {
    this.hidden = this.page ?? this.hidden;
    this.page = undefined;
    this.restLater();
  }

  /** The page that was hidden is seen again. */
  show(): void {
    if (this.closed || this.page || !this.hidden) return;
    clearTimeout(this.rest);
    // Another one, so that what was on its way to the page when it was hidden ends there.
    const page = { ...this.hidden, sendingRows: false, tellingRuns: false };
    [this.page, this.hidden] = [page, undefined];
    this.tellSettings();
    if (this.title !== page.title) this.open(page.columns);
    else {
      this.tellRuns(page);
      this.tellRunsSoon(page);
    }
  }

  /** The page shows these columns. */
  setColumns(columns: readonly string[]): void {
    const page = this.page ?? this.hidden;
    if (!page) return;
    page.columns = new Set(columns);
    for (const feed of this.feeds.values()) feed.show(page.columns);
    if (page !== this.page) return;
    this.follow();
    this.sendRows(page);
  }

  /** What the panels that are linked to this one look at, or need. */
  tellLinked(message: Extract<HostMessage, { type: 'link' | 'share' }>): void {
    if (this.page) void this.post(message);
  }

  /** The settings may have changed. */
  tellSettings(): void {
    if (this.page) void this.post({ type: 'settings', settings: this.options.settings() });
  }

  /** The page is gone. The runs are still followed for a while, so that the next one has everything at once. */
  stop(): void {
    [this.page, this.hidden] = [undefined, undefined];
    this.restLater();
  }

  /** Follows nothing any more. */
  close(): void {
    this.closed = true;
    this.gpus.update(undefined);
    [this.page, this.hidden] = [undefined, undefined];
    clearTimeout(this.rest);
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
  }

  /** Takes in what changed in the catalog. */
  update(change: CatalogChange): void {
    this.tell(this.members.update(change, this.options.source.runs));
  }

  /** What is still to come may be something else than before. */
  updateWaiting(): void {
    this.tell(this.members.updateWaiting(this.options.source.runs) ? 'now' : 'never');
  }

  private tell(urgency: Urgency): void {
    if (!this.page || urgency === 'never') return;
    // A panel may be there before anything of its group.
    if (this.title !== this.page.title) this.open(this.page.columns);
    else if (urgency === 'now') this.tellRuns(this.page);
    else this.tellRunsSoon(this.page);
  }

  private open(columns: ReadonlySet<string> | undefined): void {
    const { title } = this;
    const { subject, link, settings } = this.options;
    clearTimeout(this.rest);
    this.hidden = undefined;
    this.gpus.restart();
    this.page = { title, columns, sendingRows: false, tellingRuns: false, metrics: new Set(), toldRunsAt: 0 };
    for (const feed of this.feeds.values()) feed.restart(columns);
    void this.post({ type: 'open', title, subject, link, settings: settings() });
    this.tellRuns(this.page);
    this.tellRunsSoon(this.page);
  }

  private tellRuns(page: Page): void {
    this.follow();
    this.gpus.update(this.runs);
    for (const run of this.followed) this.feeds.get(run.dir)?.setKeys(run.identity.metricKeys);
    page.toldRunsAt = Date.now();
    page.metrics = new Set([...this.feeds.values()].flatMap((feed) => feed.metrics));
    const describe = (member: PanelMember): PanelRun => describeRun(member, this.feeds.get(member.run.dir));
    const references = this.references.map(describe);
    void this.post({ type: 'runs', runs: this.members.all.map(describe), ...(references.length > 0 && { references }) });
    // After their announcement: a page takes no rows of a run that it has never heard of.
    this.sendRows(page);
  }

  private restLater(): void {
    this.gpus.update(undefined);
    clearTimeout(this.rest);
    if (this.closed || this.page) return;
    this.rest = globalThis.setTimeout(() => {
      for (const run of this.followed) {
        const feed = this.feeds.get(run.dir);
        if (feed && !feed.isResting) this.resting.set(run.dir, run);
        feed?.rest();
      }
    }, this.options.restMs ?? 60_000);
    this.rest.unref();
  }

  /** Begins to read the runs that it has not read yet, and those that are another now than when it ceased to, or have more to show. */
  private follow(): void {
    for (const run of this.followed) {
      const feed = this.feeds.get(run.dir);
      if (feed?.isResting === true && (feed.lacksColumns || this.resting.get(run.dir) !== run)) feed.wake().catch(this.options.onError);
      else if (!feed && !this.unopened.has(run.dir)) this.followRun(run);
    }
  }

  private followRun({ dir, identity }: RunOverview): void {
    try {
      const onRows = (): void => {
        if (!this.page) return;
        const { metrics } = this.page;
        // What the runs log decides which columns the page asks for.
        if (feed.metrics.some((metric) => !metrics.has(metric))) this.tellRuns(this.page);
        this.sendRows(this.page);
        this.tellRunsSoon(this.page);
      };
      const feed = new RunFeed(this.options.source, dir, identity.metricKeys, onRows, identity.branchedFrom?.step);
      if (this.page?.columns) feed.show(this.page.columns);
      this.feeds.set(dir, feed);
    } catch (error) {
      this.unopened.add(dir);
      this.options.onError(error);
    }
  }

  private tellRunsSoon(page: Page): void {
    if (page.tellingRuns) return;
    page.tellingRuns = true;
    this.tellNumbers(page).catch(this.options.onError);
  }

  private async tellNumbers(page: Page): Promise<void> {
    const { runsMs = 250 } = this.options;
    try {
      await pause(page.toldRunsAt + runsMs - Date.now());
      for (const run of this.followed) {
        // Everybody else's turn comes between two bits of a long run.
        while (this.feeds.get(run.dir)?.updateNumbers(!isLive(run))) await setImmediate();
        if (page !== this.page) return;
      }
    } finally {
      page.tellingRuns = false;
    }
    this.tellRuns(page);
  }

  /** Sends rows until the page has all; what comes meanwhile is gathered. */
  private sendRows(page: Page): void {
    if (!page.columns || page.sendingRows) return;
    page.sendingRows = true;
    this.sendSlices(page).catch(this.options.onError);
  }

  private async sendSlices(page: Page): Promise<void> {
    const { gatherMs = 50, sliceNumbers = 2 ** 20 } = this.options;
    try {
      for (;;) {
        const behind = [...this.feeds].filter(([, feed]) => feed.behind);
        if (behind.length === 0) return;
        const gathered = pause(gatherMs);
        for (const [run, feed] of behind) {
          const rows = await feed.takeOverview(sliceNumbers);
          if (page !== this.page) return;
          if (rows) await this.post({ type: 'overview', run, rows });
        }
        const deliveries: Promise<void>[] = [];
        for (const [run, feed] of behind) {
          if (!feed.lacksRows) continue;
          const rows = feed.take(sliceNumbers);
          if (rowCount(rows.steps) < manyRows) {
            deliveries.push(this.post({ type: 'rows', run, rows }));
            continue;
          }
          // A slice of a long run is some milliseconds of work to take and as many to send, and megabytes until it has arrived;
          // everybody else's turn comes in between.
          await setImmediate();
          if (page !== this.page) return;
          await this.post({ type: 'rows', run, rows });
          await setImmediate();
          if (page !== this.page) return;
        }
        await Promise.all(deliveries);
        if (!behind.some(([, feed]) => feed.backlog >= manyRows)) await gathered;
        if (page !== this.page) return;
      }
    } finally {
      page.sendingRows = false;
    }
  }

  /** Settles when the message has arrived, or cannot. */
  private async post(message: HostMessage): Promise<void> {
    try {
      await this.options.post(message);
    } catch (error) {
      this.options.onError(error);
    }
  }
}

/** Keeps no process alive. */
function pause(milliseconds: number): Promise<void> {
  return setTimeout(Math.max(0, milliseconds), undefined, { ref: false });
}
