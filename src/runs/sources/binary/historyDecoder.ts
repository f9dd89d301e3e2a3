import { isObject, parse } from '../../../core/records/json.ts';
import { ProtobufError, ProtobufReader } from './protobuf.ts';
import type { StepRows } from './stepRows.ts';

/** Fields of HistoryRecord, HistoryItem and HistoryStep in wandb/proto/wandb_internal.proto. */
const history = { item: 1, step: 2 } as const;
const item = { key: 1, nestedKey: 2, json: 16 } as const;
const [keyByte, nestedKeyByte, jsonByte, jsonByte2] = [0x0a, 0x12, 0x82, 0x01];

/** A key as its bytes, fields and all, say it. */
interface Key {
  readonly bytes: Buffer;
  readonly name: string;
  /** Index of the metric; −1: no number has come for it yet. */
  metric: number;
}

/** Metrics that W&B adds to each step. */
const [stepName, timeName] = ['_step', '_timestamp'];
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
  private readonly metrics = new Map<string, number>();
  private readonly indices: number[] = [];
  private readonly values: number[] = [];
  private step: number | undefined;
  private time = Number.NaN;

  constructor(private readonly rows: StepRows) {}

  /** Decodes a HistoryRecord. Throws a ProtobufError where it is none, or has no step. */
  take(record: ProtobufReader): void {
    this.indices.length = 0;
    this.values.length = 0;
    [this.step, this.time] = [undefined, Number.NaN];
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
    for (let i = 0; i < this.indices.length; i++) this.rows.add(this.indices[i] as number, step, this.time, this.values[i] as number);
  }

  private takeItem(bytes: Buffer, view: DataView, from: number, to: number): void {
    // As W&B writes it: the key or its parts, each shorter than 128 bytes, then the value, which is as well.
    let at = from;
    let hash = 0;
    while (at < to && (bytes[at] === keyByte || bytes[at] === nestedKeyByte) && (bytes[at + 1] as number) < 0x80) {
      const end = at + 2 + (bytes[at + 1] as number);
      if (end > to) break;
      for (; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    }
    const valueAt = at + 3;
    if (bytes[at] === jsonByte && bytes[at + 1] === jsonByte2 && valueAt + (bytes[at + 2] as number) === to && to - valueAt < 0x80) {
      const key = this.keyOf(bytes, from, at, hash);
      if (key) {
        this.takeValue(key, bytes, valueAt, to);
        return;
      }
    }
    this.takeAnyItem(new ProtobufReader(bytes, view, from, to));
  }

  private takeValue(key: Key, bytes: Buffer, from: number, to: number): void {
    const first = bytes[from] as number;
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
      const number = Number(bytes.toString('latin1', from, to));
      if (!Number.isNaN(number)) {
        if (key.metric < 0) key.metric = this.metricOf(key.name);
        this.add(key.name, key.metric, number);
        return;
      }
    }
    this.takeJson(key.name, bytes.toString('utf8', from, to));
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
    if (typeof number === 'number') this.add(name, this.metricOf(name), number);
  }

  private add(name: string, metric: number, value: number): void {
    if (name === timeName) this.time = value;
    else if (name === stepName) this.step = value;
    this.indices.push(metric);
    this.values.push(value);
  }

  private metricOf(name: string): number {
    let metric = this.metrics.get(name);
    if (metric === undefined) this.metrics.set(name, (metric = this.rows.addColumn(name)));
    return metric;
  }

  /** The key in the bytes [from, to), which are whole fields; undefined: there are too many keys. */
  private keyOf(bytes: Buffer, from: number, to: number, hash: number): Key | undefined {
    let same = this.keys.get(hash);
    if (same) for (const key of same) if (isAt(bytes, from, to, key.bytes)) return key;
    if (this.known >= mostKeys) return undefined;
    this.known++;
    const own = Buffer.from(bytes.subarray(from, to));
    const reader = new ProtobufReader(own, new DataView(own.buffer, own.byteOffset, own.length));
    let plain = '';
    const nested: string[] = [];
    while (reader.next())
      if (reader.field === item.key) plain = reader.text;
      else nested.push(reader.text);
    const key: Key = { bytes: own, name: plain || nested.join('.'), metric: -1 };
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

function isAt(bytes: Buffer, from: number, to: number, expected: Buffer): boolean {
  if (to - from !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[from + i] !== expected[i]) return false;
  return true;
}
