import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** The box at the top of the window: command palette, picks and input. */
export class QuickInput {
  readonly input: Locator;
  readonly rows: Locator;
  /** The button that takes what is ticked. */
  readonly accept: Locator;

  constructor(private readonly page: Page) {
    const widget = page.locator('.quick-input-widget');
    this.input = widget.locator('input.input');
    this.accept = widget.getByRole('button', { name: 'OK' });
    this.rows = widget.locator('.quick-input-list .monaco-list-row');
  }

  /** Picks the row with exactly this label, as soon as it is there. */
  async pick(label: string): Promise<void> {
    await this.row(label).click();
  }

  /** Ticks rows of a pick of many, and accepts. */
  async pickMany(...labels: readonly string[]): Promise<void> {
    for (const label of labels) await this.row(label).locator('.quick-input-list-checkbox, .monaco-checkbox').first().click();
    // A key would go to the box that was ticked last.
    await this.accept.click();
  }

  async answer(text: string): Promise<void> {
    await this.input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Answers the question for a file once VS Code has proposed one with this ending, which would take the place of what is typed before. */
  async answerFile(proposed: string, file: string): Promise<void> {
    await until(`the question for a file ${proposed}`, async () => (await this.input.inputValue()).endsWith(proposed));
    await this.answer(file);
  }

  /** Labels of the rows that are shown, in their order; waits for the first. */
  async labels(): Promise<readonly string[]> {
    await this.rows.first().waitFor();
    return this.rows.locator('.label-name').allInnerTexts();
  }

  async openPalette(filter: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input.waitFor();
    await this.input.fill(`>${filter}`);
    await this.rows.first().waitFor();
  }

  private row(label: string): Locator {
    const exactly = new RegExp(`^\\s*${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
    return this.rows.filter({ has: this.page.locator('.label-name', { hasText: exactly }) }).first();
  }
}
