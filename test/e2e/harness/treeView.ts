import type { Locator } from 'playwright-core';
import { until } from './until.ts';

export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for the roots. */
  readonly level: number;
}

/** A tree in the side bar. It shows only the rows that fit into it. */
export class TreeView {
  readonly locator: Locator;

  constructor(sideBar: Locator) {
    this.locator = sideBar.locator('.monaco-list-row');
  }

  rows(): Promise<readonly TreeRow[]> {
    return this.locator.evaluateAll((rows) =>
      rows
        .map((row) => ({
          top: row.getBoundingClientRect().top,
          label: row.querySelector('.label-name')?.textContent ?? '',
          description: row.querySelector('.label-description')?.textContent ?? '',
          level: Number(row.getAttribute('aria-level')),
        }))
        .sort((one, other) => one.top - other.top)
        .map(({ label, description, level }) => ({ label, description, level })),
    );
  }

  row(text: string | RegExp): Locator {
    return this.locator.filter({ hasText: text }).first();
  }

  /** Opens the menu of a row: also where the row is drawn anew just as it is clicked, and takes no notice. */
  async menuOf(text: string | RegExp): Promise<Locator> {
    const menu = this.locator.page().locator('.context-view .monaco-menu');
    await until('the menu of a row', async () => {
      await this.row(text).click({ button: 'right' });
      const hasOpened = menu.waitFor({ timeout: 2000 });
      return hasOpened.then(
        () => true,
        () => false,
      );
    });
    return menu;
  }

  /** Waits until the rows are as asked for, and returns them. */
  async waitFor(what: string, isSo: (rows: readonly TreeRow[]) => boolean): Promise<readonly TreeRow[]> {
    let rows: readonly TreeRow[] = [];
    const seen = () => rows.map(({ label, description, level }) => `${'  '.repeat(level)}${label} ${description}`).join('\n');
    const probe = async () => {
      rows = await this.rows();
      return isSo(rows) && rows;
    };
    return until(what, probe).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}; the tree shows\n${seen()}`);
    });
  }
}
