import type { MetricTable } from '../../core/records/metricTable.ts';
import { maskedCrc32c } from '../sources/binary/checksums.ts';

/** Bytes that are gathered before they are handed on. */
const pieceBytes = 1 << 18;
/** Steps are integers of 64 bits. */
const stepLimit = 2 ** 63;

/** What is written of a metric with each value. */
interface Tag {
  /** The tag, as a field of a Summary.Value. */
  readonly bytes: Buffer;
  /** Whether it was written already what kind of data its values are. */
  isKnown: boolean;
}

/** Whether an event can be of this step. */
export function isEventStep(step: number): boolean {
  return Number.isInteger(step) && step >= -stepLimit && step < stepLimit;
}

/**
 * The metrics as an event file of TensorBoard, in pieces: an event a step, whose values are tensors of one float64, because a plain scalar
 * (`simple_value`) is a float32. Steps that are no integers are left out; a time that is not known is 0.
 *
 * TensorBoard keeps all digits where Python reads the file: `EventAccumulator.Tensors(tag)`, and the data behind its pages with
 * `--load_fast=false`. Its faster data server, the default, narrows every scalar to float32. Held by tools/checkEventFile.py.
 * github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto: event.proto, summary.proto, tensor.proto
 */
export function* eventFile(metrics: MetricTable): Generator<Uint8Array> {
  const { steps, times, keys } = metrics;
  const columns = keys.map((key) => ({ tag: tagOf(key), column: metrics.column(key) }));
  const writer = new RecordWriter();
  writer.event(timeOf(times[0]), 0, [bytesField(3, Buffer.from('brain.Event:2'))]);
  for (let row = 0; row < steps.length; row++) {
    const step = steps[row] as number;
    if (!isEventStep(step)) continue;
    const values: Buffer[] = [];
    for (const { tag, column } of columns)
      if (column && column.present?.[row] !== 0) values.push(bytesField(1, scalar(tag, column.values[row] as number)));
    writer.event(timeOf(times[row]), step, [bytesField(5, Buffer.concat(values))]);
    if (writer.length >= pieceBytes) yield writer.take();
  }
  yield writer.take();
}

function timeOf(time: number | undefined): number {
  return time === undefined || Number.isNaN(time) ? 0 : time;
}

/** SummaryMetadata: the plugin "scalars", whose data are scalars. */
const metadata = bytesField(9, Buffer.concat([bytesField(1, bytesField(1, Buffer.from('scalars'))), Buffer.from([0x20, 1])]));
/** The beginning of a TensorProto with one double: its type, a shape without dimensions, and the length of its values. */
const tensorHead = Buffer.from([0x42, 14, 0x08, 2, 0x12, 0, 0x32, 8]);

function tagOf(key: string): Tag {
  return { bytes: bytesField(1, Buffer.from(key)), isKnown: false };
}

/** A Summary.Value. */
function scalar(tag: Tag, value: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  const parts = [tag.bytes, tensorHead, number];
  if (!tag.isKnown) parts.push(metadata);
  tag.isKnown = true;
  return Buffer.concat(parts);
}

/** A field of the wire type "bytes". */
function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Records of a TFRecord file, each an event. */
class RecordWriter {
  length = 0;
  private parts: Buffer[] = [];

  event(time: number, step: number, fields: readonly Buffer[]): void {
    const head = Buffer.alloc(9);
    head[0] = 0x09;
    head.writeDoubleLE(time, 1);
    this.record(Buffer.concat([head, Buffer.from([0x10]), varint(BigInt(step)), ...fields]));
  }

  take(): Uint8Array {
    const piece = Buffer.concat(this.parts);
    [this.parts, this.length] = [[], 0];
    return piece;
  }

  private record(data: Buffer): void {
    const bytes = Buffer.alloc(data.length + 16);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = 12 + data.length;
    bytes.writeUInt32LE(data.length, 0);
    bytes.writeUInt32LE(maskedCrc32c(view, 0, 8), 8);
    data.copy(bytes, 12);
    bytes.writeUInt32LE(maskedCrc32c(view, 12, end), end);
    this.parts.push(bytes);
    this.length += bytes.length;
  }
}
