import { parseMetrics } from '../../core/records/metrics.ts';
import { metricsGrammar } from './lineShape.ts';
import { LineScanner } from './lineScanner.ts';

/** Reads lines of metrics.jsonl into tables, exactly as parseMetrics and Stretches.append would. */
export class MetricScanner extends LineScanner {
  private readonly counts: { unreadable: number };

  /** `kernelFile`: reader.wasm. Throws where it is not there. */
  constructor(kernelFile: string) {
    const counts = { unreadable: 0 };
    super(kernelFile, {
      ...metricsGrammar,
      // JSON takes the newline for white space.
      take(line, append) {
        const text = line.toString();
        const record = parseMetrics(text);
        if (record) append(record);
        else if (text.trim() !== '') counts.unreadable++;
        return record !== undefined;
      },
    });
    this.counts = counts;
  }

  /** Lines so far that are no records; empty ones do not count. */
  get malformed(): number {
    return this.counts.unreadable;
  }
}
