import type { MetricRows } from '../../core/records/metricTable.ts';
import type { ColumnView } from '../../core/records/metricColumn.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { Stretches } from '../../core/records/stretch.ts';
import type { LineGrammar } from './lineShape.ts';
import { LineShapes } from './lineShapes.ts';
import type { ColumnShape } from './lineShapes.ts';
import { ScanKernel, blockLines } from './scanKernel.ts';

const newline = 0x0a;

/** What a format does with lines, and with those that the kernel has read. */
export interface ScannedLines extends LineGrammar {
  /** Bytes of the longest line that the kernel may read, as it is now; left out: any. */
  readonly longest?: number;
  /** Whether a step has to be written as a whole number; left out: any number will do. */
  readonly wholeSteps?: boolean;
  /**
   * Reads a line that the kernel could not, given with its newline, and appends its records. Returns whether it had any, so that others
   * like it may be left to the kernel.
   */
  take(line: Buffer, append: (record: MetricsRecord) => void): boolean;
  /** The kernel has read so many lines, the last one like `example`, given with its newline, and of this step. */
  took?(count: number, example: Buffer, lastStep: number): void;
  /** Makes of the times that stand in lines those of their records, in place; left out: they are the same. */
  placeTimes?(times: Float64Array): void;
}

/**
 * Reads lines into tables, exactly as `take` would, only many times as fast: a line that differs from an earlier one in its numbers
 * alone is read by a WASM kernel.
 */
export class LineScanner {
  readonly stretches = new Stretches();
  private readonly kernel: ScanKernel;
  private readonly shapes: LineShapes;
  /** Lines that the kernel has read since the columns were emptied. */
  private waiting = 0;

  /** `kernelFile`: reader.wasm. Throws where it is not there. */
  constructor(
    kernelFile: string,
    private readonly lines: ScannedLines,
  ) {
    this.kernel = new ScanKernel(kernelFile);
    const { memory, tree } = this.kernel;
    this.shapes = new LineShapes(memory, tree.address, tree.length, ScanKernel, lines);
  }

  /** Where the bytes to read have to be put; no line can be longer. */
  get input(): Buffer {
    return this.kernel.input;
  }

  /**
   * Takes in the lines among the first `length` bytes of `input`. Returns where the last one, which has no newline yet, begins; or an
   * earlier one, where the stretches are full.
   */
  scan(length: number): number {
    const { lines, input } = this;
    let at = 0;
    while (!this.stretches.isFull) {
      at = this.scanShaped(at, length);
      if (this.waiting === blockLines) {
        this.empty();
        continue;
      }
      const end = input.subarray(0, length).indexOf(newline, at);
      if (end < 0) break;
      const line = input.subarray(at, end + 1);
      if (lines.take(line, this.append)) this.shapes.learn(line);
      at = end + 1;
    }
    this.empty();
    return at;
  }

  /** Adds a record behind the lines so far. */
  readonly append = (record: MetricsRecord): void => {
    this.empty();
    this.stretches.append(record);
  };

  /** Reads lines of known shapes into the columns. Returns where the first one begins that has none of them. */
  private scanShaped(at: number, length: number): number {
    const { lines, shapes, kernel, waiting } = this;
    if (shapes.first === 0) return at;
    const longest = Math.min(lines.longest ?? Infinity, this.input.length);
    this.waiting = kernel.scan(at, length, shapes.first, longest, lines.wholeSteps, waiting);
    if (this.waiting === waiting) return at;
    const last = this.waiting - 1;
    const shape = shapes.shapes[kernel.shapes(this.waiting)[last] as number] as ColumnShape;
    lines.took?.(this.waiting - waiting, shape.example, kernel.column(0, this.waiting)[last] as number);
    return kernel.position;
  }

  /** Moves what the kernel has read into the stretches. */
  private empty(): void {
    if (this.waiting === 0) return;
    const rows = this.rows(this.waiting);
    this.waiting = 0;
    this.lines.placeTimes?.(rows.times);
    this.stretches.appendRows(rows);
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
    const having = used.filter(([, { slots, constants, copies }]) => slots.has(column) || constants.has(column) || copies.has(column));
    if (having.length === 0) return undefined;
    for (const [index, { constants, copies }] of having) {
      const constant = constants.get(column);
      const copied = copies.get(column);
      const source = copied === undefined ? undefined : this.kernel.column(copied, shapeOfLine.length);
      if (constant !== undefined || source !== undefined)
        shapeOfLine.forEach((shape, row) => shape === index && (values[row] = source ? (source[row] as number) : (constant as number)));
    }
    if (having.length === used.length) return { values, present: undefined };
    const has = new Set(having.map(([index]) => index));
    return { values, present: Uint8Array.from(shapeOfLine, (shape) => (has.has(shape) ? 1 : 0)) };
  }
}
