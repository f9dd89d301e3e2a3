import { emptyShare, joinedShare } from '../../../src/core/panel/share.ts';
import type { PanelShare } from '../../../src/core/panel/share.ts';
import type { BaselineChoice } from '../../../src/core/panel/view.ts';
import { PanelPage } from './panelPage.ts';
import type { WebviewPageOptions } from './webviewPage.ts';
import { opening } from './recordedRuns.ts';
import type { RecordedRun } from './recordedRuns.ts';

/** Columns of a comparison, each a page of its own; what one says to the others is passed on as the extension does. */
export class Comparison {
  /** How many messages of each have been passed on. */
  readonly #heard = new Map<PanelPage, number>();
  readonly #shares = new Map<PanelPage, PanelShare>();

  private constructor(
    readonly columns: readonly PanelPage[],
    private readonly runs: readonly (readonly RecordedRun[])[],
  ) {}

  /** The first column is a page that there is already; each shows some runs. */
  static async of(first: PanelPage, runs: readonly (readonly RecordedRun[])[], options: WebviewPageOptions = {}): Promise<Comparison> {
    const browser = first.page.context().browser();
    if (browser === null) throw new Error('the page has no browser');
    const others = await Promise.all(runs.slice(1).map(() => PanelPage.open(browser, options)));
    const comparison = new Comparison([first, ...others], runs);
    for (const [index, column] of comparison.columns.entries())
      await column.send(...opening(`column ${index + 1}`, runs[index] ?? [], 'link'));
    await comparison.settled();
    return comparison;
  }

  /** Passes on what the columns say until they have nothing more to say; the number of messages. */
  async settled(): Promise<number> {
    let passed = 0;
    for (let quiet = 0; quiet < 2;) {
      const before = passed;
      for (const column of this.columns) passed += await this.#passOn(column);
      quiet = passed === before ? quiet + 1 : 0;
    }
    return passed;
  }

  /** A column is closed: it does not count any more. */
  async close(column: PanelPage): Promise<void> {
    await column.close();
    this.#shares.delete(column);
    this.#heard.delete(column);
    for (const other of this.columns) if (other !== column) await other.send({ type: 'share', share: this.#othersOf(other) });
  }

  async #passOn(column: PanelPage): Promise<number> {
    await column.drawn();
    // Longer than what is gathered waits.
    await column.page.waitForTimeout(200);
    const said = await column.posted();
    const news = said.slice(this.#heard.get(column) ?? 0).filter((message) => message.type === 'link' || message.type === 'share');
    this.#heard.set(column, said.length);
    for (const message of news) {
      if (message.type === 'share') this.#shares.set(column, message.share);
      for (const other of this.columns) {
        if (other === column) continue;
        await other.send(message.type === 'link' ? message : { type: 'share', share: this.#othersOf(other) });
      }
      if (message.type === 'link') await this.#refer(message.view.baseline);
    }
    return news.length;
  }

  /** Gives the columns the runs of the series that the baseline is of, where it is in another one. */
  async #refer(baseline: BaselineChoice | null): Promise<void> {
    const owner = this.runs.find((runs) => runs.some(({ run }) => run.id === baseline?.run)) ?? [];
    const series = owner.find(({ run }) => run.id === baseline?.run)?.run.series;
    for (const [index, column] of this.columns.entries()) {
      const own = this.runs[index] ?? [];
      const references = own === owner ? [] : owner.filter(({ run }) => run.series === series);
      await column.send(
        { type: 'runs', runs: own.map(({ run }) => run), references: references.map(({ run }) => run) },
        ...references.map(({ rows }) => rows),
      );
    }
  }

  #othersOf(column: PanelPage): PanelShare {
    return joinedShare(this.columns.filter((other) => other !== column).map((other) => this.#shares.get(other) ?? emptyShare));
  }
}
