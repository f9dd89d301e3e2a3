import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { pluginParameters } from './eventFacts.ts';
import { ProtobufReader } from './protobuf.ts';
import { readTensor, tensorText } from './tensor.ts';
import type { Scalar } from './tensor.ts';

/** What events say, each call as soon as it is read. */
export interface EventListener {
  /** There is a metric that was not there before; it gets the next index, from 0. */
  metric(key: string): void;
  value(metric: number, step: number, time: number, value: number): void;
  /** A process begins to log at this step. */
  start(step: number): void;
  /** In files of version 1, or none: before the values of an event, its step and its metrics; undefined: it is no event of metrics. */
  oldStep(step: number, keys: readonly string[] | undefined): void;
  text(tag: string, text: string): void;
  parameters(parameters: Readonly<Record<string, ParameterValue>>): void;
  /** The file says when it was begun, in seconds since 1970. */
  begun(time: number): void;
}

/** An event with one scalar, up to the scalar and behind it: its time, its step and the scalar are all that differs from one to the next. */
interface EventShape {
  readonly metric: number;
  /** From behind the step up to the scalar. */
  readonly before: Buffer;
  readonly behind: Buffer;
  readonly isDouble: boolean;
  /** What came behind it last time: the metrics of a step mostly come in the same order. */
  next: EventShape | undefined;
}

/** A value of a summary. */
interface TaggedValue {
  readonly tag: string;
  readonly scalar: Scalar | undefined;
}

/** Fields of event.proto and summary.proto in github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto. */
const event = { time: 1, step: 2, version: 3, summary: 5, sessionLog: 7 } as const;
const value = { tag: 1, simple: 2, nodeName: 7, tensor: 8, metadata: 9 } as const;
const sessionStart = 1;
const timeKey = (event.time << 3) | 1;
const stepKey = event.step << 3;
/** A step of so many bytes is a number without loss. */
const shortStep = 5;
/** Shapes beyond which no new ones are kept. */
const mostShapes = 20_000;
/** Bytes beyond which an event is not compared with another. */
const longestShape = 2048;

/** Decodes the events of a run as far as scalars and the run's parameters are concerned. */
export class EventDecoder {
  private readonly metrics = new Map<string, number>();
  private readonly shapes = new Map<number, EventShape>();
  private last: EventShape | undefined;
  /** 2 for "brain.Event:2"; holds for the files to come as well. */
  private version = -1;

  constructor(private readonly listener: EventListener) {}

  /** Decodes the event [from, to) of `bytes`, of which `view` is. Throws a ProtobufError where it is none. */
  take(bytes: Buffer, view: DataView, from: number, to: number): void {
    const expected = this.last?.next;
    if (expected !== undefined && this.version >= 2 && this.takeExpected(expected, bytes, view, from, to)) {
      this.last = expected;
      return;
    }
    const shape = this.takeAny(new ProtobufReader(bytes, view, from, to), from, to);
    if (shape === undefined) return;
    if (this.last) this.last.next = shape;
    this.last = shape;
  }

  /** Takes the event where it is of this shape. Returns whether it is. */
  private takeExpected(shape: EventShape, bytes: Buffer, view: DataView, from: number, to: number): boolean {
    if (bytes[from] !== timeKey || bytes[from + 9] !== stepKey) return false;
    let at = from + 10;
    let step = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes[at++] as number;
      step += (byte & 0x7f) * unit;
      if (byte < 0x80) break;
      if (at - from > 10 + shortStep) return false;
    }
    const { before, behind, isDouble, metric } = shape;
    const place = at + before.length;
    const rest = place + (isDouble ? 8 : 4);
    if (rest + behind.length !== to || !holds(bytes, at, before) || !holds(bytes, rest, behind)) return false;
    const number = isDouble ? view.getFloat64(place, true) : view.getFloat32(place, true);
    this.listener.value(metric, step, view.getFloat64(from + 1, true), number);
    return true;
  }

  /** Takes any event. Returns its shape, where it is worth to be known. */
  private takeAny(reader: ProtobufReader, from: number, to: number): EventShape | undefined {
    let time = Number.NaN;
    let step = 0;
    let summary: ProtobufReader | undefined;
    let session: ProtobufReader | undefined;
    let behindStep = 0;
    let version: number | undefined;
    while (reader.next()) {
      const { field, wire } = reader;
      if (field === event.time && wire === 'fixed64') time = reader.double;
      else if (field === event.step && wire === 'varint') {
        step = reader.signed;
        behindStep = reader.from === from + 10 && reader.to - reader.from <= shortStep ? reader.to : 0;
      } else if (field === event.summary && wire === 'bytes') summary = reader.message;
      else if (field === event.sessionLog && wire === 'bytes') session = reader.message;
      else if (field === event.version && wire === 'bytes') version = versionOf(reader.text);
    }
    if (version !== undefined) {
      this.version = version;
      this.listener.begun(time);
    }
    const values = summary ? this.valuesOf(summary) : [];
    if (this.version < 2) this.listener.oldStep(step, summary && values.map(({ tag }) => tag));
    else if (session && statusOf(session) === sessionStart) this.listener.start(step);
    for (const { tag, scalar } of values) if (scalar) this.listener.value(this.metricOf(tag), step, time, scalar.value);
    const [only] = values;
    return behindStep > 0 && only && values.length === 1 ? this.shapeOf(only, reader.bytes, behindStep, to) : undefined;
  }

  private valuesOf(summary: ProtobufReader): readonly TaggedValue[] {
    const values: TaggedValue[] = [];
    while (summary.next()) if (summary.field === 1 && summary.wire === 'bytes') values.push(this.valueOf(summary.message));
    return values;
  }

  private valueOf(reader: ProtobufReader): TaggedValue {
    let [tag, nodeName] = ['', ''];
    let scalar: Scalar | undefined;
    let tensor: ProtobufReader | undefined;
    while (reader.next()) {
      const { field, wire, from } = reader;
      if (field === value.tag && wire === 'bytes') tag = reader.text;
      else if (field === value.nodeName && wire === 'bytes') nodeName = reader.text;
      else if (field === value.simple && wire === 'fixed32') scalar = { value: reader.float, place: { at: from, isDouble: false } };
      else if (field === value.tensor && wire === 'bytes') {
        tensor = reader.message;
        scalar = readTensor(reader.message);
      } else if (field === value.metadata && wire === 'bytes') this.takeMetadata(reader.message);
    }
    // Tensors had no tag at first.
    if (tensor && tag === '') tag = nodeName;
    if (tensor && !scalar) {
      const text = tensorText(tensor);
      if (text !== undefined) this.listener.text(tag, text);
    }
    return { tag, scalar };
  }

  private takeMetadata(metadata: ProtobufReader): void {
    while (metadata.next()) {
      if (metadata.field !== 1 || metadata.wire !== 'bytes') continue;
      const plugin = metadata.message;
      let name = '';
      let content: ProtobufReader | undefined;
      while (plugin.next()) {
        if (plugin.field === 1 && plugin.wire === 'bytes') name = plugin.text;
        else if (plugin.field === 2 && plugin.wire === 'bytes') content = plugin.message;
      }
      if (name !== 'hparams' || !content) continue;
      const parameters = pluginParameters(content);
      if (Object.keys(parameters).length > 0) this.listener.parameters(parameters);
    }
  }

  private metricOf(key: string): number {
    let metric = this.metrics.get(key);
    if (metric === undefined) {
      metric = this.metrics.size;
      this.metrics.set(key, metric);
      this.listener.metric(key);
    }
    return metric;
  }

  private shapeOf({ tag: key, scalar }: TaggedValue, bytes: Buffer, from: number, to: number): EventShape | undefined {
    if (!scalar?.place || to - from > longestShape) return undefined;
    const { at, isDouble } = scalar.place;
    const metric = this.metricOf(key);
    const before = bytes.subarray(from, at);
    const behind = bytes.subarray(at + (isDouble ? 8 : 4), to);
    const known = this.shapes.get(metric);
    if (known?.isDouble === isDouble && known.before.equals(before) && known.behind.equals(behind)) return known;
    if (!known && this.shapes.size >= mostShapes) return undefined;
    const shape = { metric, before: Buffer.from(before), behind: Buffer.from(behind), isDouble, next: known?.next };
    this.shapes.set(metric, shape);
    return shape;
  }
}

function statusOf(session: ProtobufReader): number {
  let status = 0;
  while (session.next()) if (session.field === 1 && session.wire === 'varint') status = session.unsigned;
  return status;
}

/** As TensorBoard reads it: what it cannot is −1. */
function versionOf(text: string): number {
  const version = Number(text.split('brain.Event:').at(-1) || Number.NaN);
  return Number.isNaN(version) ? -1 : version;
}

/** Whether these bytes stand there. For some dozens of bytes a loop is faster than a call of `compare`. */
function holds(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
