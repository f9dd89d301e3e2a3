import { setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';

/** Gathers values that a store has one by one into records: those of one step that follow each other are one, the later value counts. */
export class StepGroups {
  private readonly gathered: { readonly step: number; readonly time: number; readonly data: Record<string, number> }[] = [];

  add(step: number, time: number, key: string, value: number): void {
    let last = this.gathered.at(-1);
    if (last?.step !== step) this.gathered.push((last = { step, time, data: {} }));
    setOwn(last.data, key, value);
  }

  get records(): readonly MetricsRecord[] {
    return this.gathered;
  }
}
