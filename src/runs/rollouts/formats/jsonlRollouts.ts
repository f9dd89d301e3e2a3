import type { EstimatorName } from '../../../core/estimators/estimator.ts';
import type { ReadTrajectory, RolloutPlace, RolloutSource } from '../rolloutSource.ts';
import { fileOfStep, statusOf, stepFiles, stepInName } from '../stepFiles.ts';
import { jsonLines } from './jsonLines.ts';
import type { RolloutMapping } from './mapping.ts';
import { parseResponse } from './response.ts';
import { trajectoriesOf } from './trajectoriesOf.ts';

/** Rollouts in JSONL whose keys a mapping tells: a file, or a folder with one for each step, whose number is in its name. */
export class JsonlRollouts implements RolloutSource {
  /** Which steps a file with steps in its rows has, and of which state of the file that is known. */
  private known: { readonly signature: string; readonly steps: readonly number[] } | undefined;

  constructor(
    private readonly place: RolloutPlace,
    private readonly mapping: RolloutMapping,
    readonly name: string,
    readonly estimator: EstimatorName | null,
  ) {}

  async steps(): Promise<readonly number[]> {
    const files = await stepFiles(this.place);
    if (files) return [...files.keys()];
    if (this.mapping.step === null) return [stepInName(this.place.path) ?? 0];
    const { size, mtimeMs } = await statusOf(this.place.path);
    const signature = `${size} ${mtimeMs}`;
    if (this.known?.signature !== signature) this.known = { signature, steps: await this.stepsOfRows() };
    return this.known.steps;
  }

  async *read(step: number): AsyncGenerator<ReadTrajectory> {
    const { mapping, place } = this;
    const file = await fileOfStep(place, step);
    const isOfOneStep = file !== place.path || mapping.step === null;
    const { size } = await statusOf(file);
    yield* trajectoriesOf({ rows: () => jsonLines(file), size, mapping, step: isOfOneStep ? null : step });
  }

  private async stepsOfRows(): Promise<readonly number[]> {
    const steps = new Set<number>();
    for await (const row of jsonLines(this.place.path)) {
      const response = 'problem' in row ? row.problem : parseResponse(row.value, this.mapping);
      if (typeof response !== 'string' && response.step !== null) steps.add(response.step);
    }
    return [...steps].sort((a, b) => a - b);
  }
}
