import type { MetricRows } from '../../core/records/metricTable.ts';
import type { ColumnView } from '../../core/records/metricColumn.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { Stretches } from '../../core/records/stretch.ts';
import { LineShapes } from './lineShapes.ts';
import type { ColumnShape } from './lineShapes.ts';
import { ScanKernel, blockLines } from './scanKernel.ts';

const newline = 0x0a;

/**
 * Reads lines of metrics.jsonl into tables, exactly as parseMetrics and Stretches.append would, only ten times as fast: a line
 * that differs from an earlier one in its numbers alone is read by a WASM kernel. Any other goes through parseMetrics.
 */
export class MetricScanner {
  readonly stretches = new Stretches();
  private readonly kernel: ScanKernel;
  private readonly shapes: LineShapes;
  private unreadable = 0;

  /** `kernelFile`: reader.wasm. Throws where it is not there. */
  constructor(kernelFile: string) {
    this.kernel = new ScanKernel(kernelFile);
    const { memory, tree } = this.kernel;
    this.shapes = new LineShapes(memory, tree.address, tree.length, ScanKernel);
  }

  /** Where the bytes to read have to be put; no line can be longer. */
  get input(): Buffer {
    return this.kernel.input;
  }

  /** Lines so far that are no records; empty ones do not count. */
  get malformed(): number {
    return this.unreadable;
  }

  /**
   * Takes in the lines among the first `length` bytes of `input`. Returns where the last one, which has no newline yet, begins; or an
   * earlier one, where the stretches are full.
   */
  scan(length: number): number {
    let at = 0;
    while (!this.stretches.isFull) {
      const lines = this.shapes.first === 0 ? 0 : this.kernel.scan(at, length, this.shapes.first);
      if (lines > 0) {
        this.stretches.appendRows(this.rows(lines));
        at = this.kernel.position;
      }
      if (lines === blockLines) continue;
      const end = this.input.subarray(0, length).indexOf(newline, at);
      if (end < 0) return at;
      this.takeLine(this.input.subarray(at, end + 1));
      at = end + 1;
    }
    return at;
  }

  /** A line with its newline, which JSON takes for white space. */
  private takeLine(line: Buffer): void {
    const text = line.toString();
    const record = parseMetrics(text);
    if (record) {
      this.stretches.append(record);
      this.shapes.learn(line);
    } else if (text.trim() !== '') this.unreadable++;
  }

  /** What the kernel read last. */
  private rows(lines: number): MetricRows {
    const { shapes, keys } = this.shapes;
    const shapeOfLine = this.kernel.shapes(lines);
    const [first = 0] = shapeOfLine;
    const used = shapeOfLine.every((shape) => shape === first) ? [first] : [...new Set(shapeOfLine)];
    const view = (column: number) =>
      this.view(
        column,
        used.map((shape) => [shape, shapes[shape] as ColumnShape]),
        shapeOfLine,
      );
    const columns = keys.flatMap((key, index) => {
      const metric = view(index + 2);
      return metric ? [{ key, ...metric }] : [];
    });
    return { steps: this.kernel.column(0, lines), times: view(1)?.values ?? new Float64Array(lines), columns };
  }

  /** A column of the lines read last, of which each has one of the `used` shapes; undefined where none has it. */
  private view(
    column: number,
    used: readonly (readonly [index: number, shape: ColumnShape])[],
    shapeOfLine: Uint16Array,
  ): ColumnView | undefined {
    const values = this.kernel.column(column, shapeOfLine.length);
    if (used.every(([, { slots }]) => slots.has(column))) return { values, present: undefined };
    const having = used.filter(([, { slots, constants }]) => slots.has(column) || constants.has(column));
    if (having.length === 0) return undefined;
    for (const [index, { constants }] of having) {
      const constant = constants.get(column);
      if (constant !== undefined) shapeOfLine.forEach((shape, line) => shape === index && (values[line] = constant));
    }
    if (having.length === used.length) return { values, present: undefined };
    const has = new Set(having.map(([index]) => index));
    return { values, present: Uint8Array.from(shapeOfLine, (shape) => (has.has(shape) ? 1 : 0)) };
  }
}
