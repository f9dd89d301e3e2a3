import { isObject, parse } from '../../../core/records/json.ts';
import { readDecimal } from './decimal.ts';
import { ProtobufError, ProtobufReader } from './protobuf.ts';
import type { StepRows } from './stepRows.ts';

/** Fields of HistoryRecord, HistoryItem and HistoryStep in wandb/proto/wandb_internal.proto. */
const history = { item: 1, step: 2 } as const;
const item = { key: 1, nestedKey: 2, json: 16 } as const;
const [keyByte, nestedKeyByte, jsonByte, jsonByte2] = [0x0a, 0x12, 0x82, 0x01];
/** Bytes of a value's field before the value. */
const jsonHead = 3;

/** A key as its bytes, fields and all, say it. */
interface Key {
  readonly bytes: Buffer;
  /** The same, four at a time as far as that goes. */
  readonly words: Int32Array;
  readonly name: string;
  /** Index of the metric; −1: no number has come for it yet. */
  metric: number;
  readonly isOwn: boolean;
  /** What came behind it last time: items mostly come in the same order. */
  next: Key | undefined;
}

/** Metrics that W&B adds to each step. */
const [stepName, timeName] = ['_step', '_timestamp'];
const ownNames: ReadonlySet<string> = new Set([stepName, timeName]);
const mostKeys = 20_000;
/** Levels of a nested value that are looked into. */
const mostLevels = 16;

/**
 * Decodes the history of a W&B run: a step, and its items, each a key, of which a nested one is joined with dots, and a value as JSON.
 * What is no number is left out.
 */
export class HistoryDecoder {
  private readonly keys = new Map<number, Key[]>();
  private known = 0;
  private last: Key | undefined;
  private readonly metrics = new Map<string, number>();
  /** Metrics of the record and their values. */
  private indices = new Int32Array(64);
  private values = new Float64Array(64);
  private count = 0;
  private step: number | undefined;
  private time = Number.NaN;

  constructor(private readonly rows: StepRows) {}

  /** Decodes a HistoryRecord. Throws a ProtobufError where it is none, or has no step. */
  take(record: ProtobufReader): void {
    this.count = 0;
    this.step = undefined;
    this.time = Number.NaN;
    let step: number | undefined;
    while (record.next()) {
      if (record.wire !== 'bytes') continue;
      if (record.field === history.item) this.takeItem(record.bytes, record.view, record.from, record.to);
      else if (record.field === history.step) {
        const number = record.message;
        step = 0;
        while (number.next()) if (number.field === 1 && number.wire === 'varint') step = number.signed;
      }
    }
    step ??= this.step;
    if (step === undefined) throw new ProtobufError('it has no step');
    this.rows.addAll(step, this.time, this.indices, this.values, this.count);
  }

  private takeItem(bytes: Buffer, view: DataView, from: number, to: number): void {
    const expected = this.last?.next;
    if (expected && from + expected.bytes.length <= to && isAt(bytes, view, from, expected)) {
      const at = from + expected.bytes.length;
      if (isJson(bytes, at, to)) {
        this.last = expected;
        this.takeValue(expected, bytes, view, at + jsonHead, to);
        return;
      }
    }
    // As W&B writes it: the key or its parts, each shorter than 128 bytes, then the value, which is as well.
    let at = from;
    let hash = 0;
    while (at < to && (bytes[at] === keyByte || bytes[at] === nestedKeyByte) && (bytes[at + 1] as number) < 0x80) {
      const end = at + 2 + (bytes[at + 1] as number);
      if (end > to) break;
      for (; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    }
    if (isJson(bytes, at, to)) {
      const key = this.keyOf(bytes, view, from, at, hash);
      if (key) {
        if (this.last) this.last.next = key;
        this.last = key;
        this.takeValue(key, bytes, view, at + jsonHead, to);
        return;
      }
    }
    this.takeAnyItem(new ProtobufReader(bytes, view, from, to));
  }

  private takeValue(key: Key, bytes: Buffer, view: DataView, from: number, to: number): void {
    if (this.count === this.indices.length) this.widen();
    if (!readDecimal(bytes, view, from, to, this.values, this.count)) {
      this.takeJson(key.name, bytes.toString('utf8', from, to));
      return;
    }
    if (key.metric < 0) key.metric = this.metricOf(key.name);
    this.indices[this.count++] = key.metric;
    if (key.isOwn) this.takeOwn(key.name);
  }

  private takeAnyItem(reader: ProtobufReader): void {
    let key = '';
    const nested: string[] = [];
    let json: string | undefined;
    while (reader.next()) {
      if (reader.wire !== 'bytes') continue;
      if (reader.field === item.key) key = reader.text;
      else if (reader.field === item.nestedKey) nested.push(reader.text);
      else if (reader.field === item.json) json = reader.text;
    }
    if (json !== undefined) this.takeJson(key || nested.join('.'), json);
  }

  private takeJson(name: string, json: string): void {
    const value = parse(json);
    // Media are objects as well, and say of which type they are.
    if (isObject(value) && Object.hasOwn(value, '_type')) return;
    this.takeParsed(name, value, mostLevels);
  }

  private takeParsed(name: string, value: unknown, levels: number): void {
    if (isObject(value)) {
      if (levels > 0) for (const [key, part] of Object.entries(value)) this.takeParsed(`${name}.${key}`, part, levels - 1);
      return;
    }
    const number = typeof value === 'string' ? words.get(value) : value;
    if (typeof number === 'number') this.add(name, number);
  }

  private add(name: string, value: number): void {
    if (this.count === this.indices.length) this.widen();
    this.values[this.count] = value;
    this.indices[this.count++] = this.metricOf(name);
    if (ownNames.has(name)) this.takeOwn(name);
  }

  /** The last value is one that W&B adds. */
  private takeOwn(name: string): void {
    const value = this.values[this.count - 1] as number;
    if (name === timeName) this.time = value;
    else this.step = value;
  }

  private widen(): void {
    const { indices, values } = this;
    this.indices = new Int32Array(2 * indices.length);
    this.indices.set(indices);
    this.values = new Float64Array(2 * values.length);
    this.values.set(values);
  }

  private metricOf(name: string): number {
    let metric = this.metrics.get(name);
    if (metric === undefined) this.metrics.set(name, (metric = this.rows.addColumn(name)));
    return metric;
  }

  /** The key in the bytes [from, to), which are whole fields; undefined: there are too many keys. */
  private keyOf(bytes: Buffer, view: DataView, from: number, to: number, hash: number): Key | undefined {
    let same = this.keys.get(hash);
    if (same) for (const key of same) if (key.bytes.length === to - from && isAt(bytes, view, from, key)) return key;
    if (this.known >= mostKeys) return undefined;
    this.known++;
    const own = Buffer.from(bytes.subarray(from, to));
    const ownView = new DataView(own.buffer, own.byteOffset, own.length);
    const reader = new ProtobufReader(own, ownView);
    let plain = '';
    const nested: string[] = [];
    while (reader.next())
      if (reader.field === item.key) plain = reader.text;
      else nested.push(reader.text);
    const name = plain || nested.join('.');
    const words = Int32Array.from({ length: own.length >> 2 }, (_, word) => ownView.getInt32(4 * word, true));
    const key: Key = { bytes: own, words, name, metric: -1, isOwn: ownNames.has(name), next: undefined };
    if (!same) this.keys.set(hash, (same = []));
    // Keys made to have the same hash are not looked up one by one.
    if (same.length < 8) same.push(key);
    return key;
  }
}

/** What JSON has no numbers for, as W&B writes it. */
const words = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Whether the bytes of the key stand there. */
function isAt(bytes: Buffer, view: DataView, at: number, { bytes: expected, words }: Key): boolean {
  for (let i = 0; i < words.length; i++) if (view.getInt32(at + 4 * i, true) !== words[i]) return false;
  for (let i = 4 * words.length; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Whether the bytes [at, to) are the field of the value, as JSON shorter than 128 bytes. */
function isJson(bytes: Buffer, at: number, to: number): boolean {
  return (
    bytes[at] === jsonByte && bytes[at + 1] === jsonByte2 && at + jsonHead + (bytes[at + 2] as number) === to && to - at - jsonHead < 0x80
  );
}
