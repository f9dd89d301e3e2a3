import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EstimatorName } from '../../../core/estimators/estimator.ts';
import { RunDirectoryError, unreadable } from '../../directory/runDirectoryError.ts';
import type { ReadTrajectory, RolloutSource } from '../rolloutSource.ts';
import { jsonLines } from './jsonLines.ts';
import type { RolloutMapping } from './mapping.ts';
import { parseResponse } from './response.ts';
import { trajectoriesOf } from './trajectoriesOf.ts';

/** Rollouts in JSONL whose keys a mapping tells: a file, or a folder with one for each step, whose number is in its name. */
export class JsonlRollouts implements RolloutSource {
  /** Which steps a file with steps in its rows has, and of which state of the file that is known. */
  private known: { readonly signature: string; readonly steps: readonly number[] } | undefined;
  /** Of a folder, by step. */
  private readonly files = new Map<number, string>();
  private isFile = false;

  constructor(
    private readonly place: string,
    private readonly mapping: RolloutMapping,
    readonly name: string,
    readonly estimator: EstimatorName | null,
  ) {}

  async steps(): Promise<readonly number[]> {
    const status = await this.look();
    if (!this.isFile) return this.stepsOfFolder();
    if (this.mapping.step === null) return [stepInName(this.place) ?? 0];
    const signature = `${status.size} ${status.mtimeMs}`;
    if (this.known?.signature !== signature) this.known = { signature, steps: await this.stepsOfRows() };
    return this.known.steps;
  }

  async *read(step: number): AsyncGenerator<ReadTrajectory> {
    await this.look();
    if (!this.isFile && !this.files.has(step)) await this.stepsOfFolder();
    const file = this.file(step);
    if (file === null) throw new RunDirectoryError(this.place, `there is no file of step ${step} any more`, 'Choose another step.');
    const isOfOneStep = !this.isFile || this.mapping.step === null;
    const { size } = await statusOf(file);
    yield* trajectoriesOf({ rows: () => jsonLines(file), size, mapping: this.mapping, step: isOfOneStep ? null : step });
  }

  file(step: number): string | null {
    return this.files.get(step) ?? (this.isFile ? this.place : null);
  }

  private async look(): Promise<Stats> {
    const status = await statusOf(this.place);
    this.isFile = !status.isDirectory();
    return status;
  }

  private async stepsOfFolder(): Promise<readonly number[]> {
    this.files.clear();
    for (const name of await namesIn(this.place)) {
      const step = name.endsWith('.jsonl') ? stepInName(name) : undefined;
      if (step !== undefined) this.files.set(step, path.join(this.place, name));
    }
    return [...this.files.keys()].sort((a, b) => a - b);
  }

  private async stepsOfRows(): Promise<readonly number[]> {
    const steps = new Set<number>();
    for await (const row of jsonLines(this.place)) {
      const response = 'problem' in row ? row.problem : parseResponse(row.value, this.mapping);
      if (typeof response !== 'string' && response.step !== null) steps.add(response.step);
    }
    return [...steps].sort((a, b) => a - b);
  }
}

/** The last whole number in the name of a file, e.g. 120 of "step-000120.jsonl". */
export function stepInName(file: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(path.basename(file, path.extname(file)))?.[1];
  const step = Number(digits);
  return Number.isSafeInteger(step) ? step : undefined;
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
}

export async function statusOf(place: string): Promise<Stats> {
  return stat(place).catch((error: unknown) => {
    throw unreadable(place, error);
  });
}
