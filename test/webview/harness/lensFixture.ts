import type { Browser, Locator } from 'playwright-core';
import type { LensHostMessage, LensMessage } from '../../../src/core/lens/messages.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';
import type { LensLook } from '../../../webview/lens/lensLook.ts';
import { lensRowOf } from './lensData.ts';
import { WebviewPage } from './webviewPage.ts';
import type { WebviewPageOptions } from './webviewPage.ts';

/** The built page of a token lens in a real browser, with a fake extension behind it. */
export class LensFixture extends WebviewPage<LensMessage, LensLook> {
  private answered = 0;

  static async open(browser: Browser, options: WebviewPageOptions = {}): Promise<LensFixture> {
    return new LensFixture(await LensFixture.load(browser, 'lens', options));
  }

  /** Says something to the page, as it would arrive: JSON but for typed arrays. */
  async send(...messages: readonly LensHostMessage[]): Promise<void> {
    const json = messages.map((message) =>
      JSON.stringify(message, (_key, value: unknown) =>
        value instanceof Float32Array
          ? { singles: Array.from(value, String) }
          : value instanceof Uint8Array
            ? { bytes: Array.from(value) }
            : value,
      ),
    );
    await this.page.evaluate(async (texts) => {
      for (const text of texts) {
        const message: unknown = JSON.parse(text, (_key, value: { singles?: string[]; bytes?: number[] } | null) =>
          Array.isArray(value?.singles)
            ? Float32Array.from(value.singles, Number)
            : Array.isArray(value?.bytes)
              ? Uint8Array.from(value.bytes)
              : value,
        );
        window.postMessage(message, '*');
      }
      await new Promise((resolve) => setTimeout(resolve));
    }, json);
    await this.drawn();
  }

  /** A run whose steps all have these trajectories, at its last step. */
  async show(trajectories: readonly Trajectory[], source: Partial<Extract<LensHostMessage, { type: 'source' }>> = {}): Promise<void> {
    const told = {
      type: 'source',
      name: 'demo, seed 1',
      estimator: 'tir_optimal_token_baseline',
      steps: [10, 20, 30],
      place: 'here',
      ...source,
    } as const;
    const step = told.steps.at(-1) ?? 0;
    const rows = trajectories.map(lensRowOf);
    await this.send(told, { type: 'step', step }, { type: 'rows', step, rows, isComplete: true });
    await this.answer(trajectories, step);
  }

  /** What has been wanted since the last time. */
  async answer(trajectories: readonly Trajectory[], step = 30): Promise<void> {
    await this.drawn();
    const posted = await this.posted();
    const wanted = posted.slice(this.answered).flatMap((message) => (message.type === 'want' ? message.sequences : []));
    const searched = posted.slice(this.answered).findLast((message) => message.type === 'search');
    this.answered = posted.length;
    if (wanted.length > 0)
      await this.send({ type: 'trajectories', step, trajectories: trajectories.filter(({ sequence }) => wanted.includes(sequence)) });
    if (searched !== undefined) {
      const has = ({ prompt, response }: Trajectory): boolean =>
        [...prompt, '\n', ...response].join('').toLowerCase().includes(searched.text.toLowerCase());
      await this.send({ type: 'found', step, text: searched.text, sequences: trajectories.filter(has).map(({ sequence }) => sequence) });
    }
  }

  rows(): Locator {
    return this.page.locator('.list .row');
  }

  /** Sequences in the order of the list. */
  order(): Promise<readonly number[]> {
    return this.rows().evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset['sequence'])));
  }

  token(token: number, column = 0): Locator {
    return this.page.locator(`.half:nth-child(${column + 2}) [data-token="${token}"]`).first();
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }
}
