import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ByteTail } from '../../directory/byteTail.ts';
import { ignoreMissing } from '../../directory/missing.ts';
import { EventDecoder } from '../binary/eventDecoder.ts';
import { eventFacts, hostOf, textFacts } from '../binary/eventFacts.ts';
import { ProtobufError } from '../binary/protobuf.ts';
import { RecordCutter } from '../binary/recordCutter.ts';
import { StepRows } from '../binary/stepRows.ts';
import { parameterFacts } from '../parameters.ts';
import type { Glimpse, OpenOptions, RunFormat, RunReader, RunSink } from '../format.ts';

const chunkBytes = 1 << 20;
const nameSign = 'tfevents';
/** A marker of TensorBoard's profiler, which holds no values. */
const emptySign = '.profile-empty';

/**
 * Event files of TensorBoard, as TensorFlow, torch and tensorboardX write them. As TensorBoard has it, a run is a folder: its event files,
 * in the order of their names, are one run, and each folder in it is another one.
 */
export const tensorboard: RunFormat = {
  name: 'tensorboard',
  title: 'event files of TensorBoard',
  sign: 'files called events.out.tfevents.*, or records that begin with "brain.Event:2"',
  sniff,
  places: async (file) => [{ format: tensorboard.name, source: isEventFile(path.basename(file)) ? path.dirname(file) : file }],
  open: ({ source }, sink, options) => new EventReader(source, sink, options),
};

function isEventFile(name: string): boolean {
  return name.includes(nameSign) && !name.endsWith(emptySign);
}

/** By the first record, which says which version of events follows; a file that was just created has none, or a damaged one. */
function sniff({ file, head }: Glimpse): number {
  const name = path.basename(file);
  if (name.endsWith(emptySign)) return 0;
  let found = name.includes(nameSign) ? 0.6 : 0;
  const cutter = new RecordCutter({
    record: (bytes, _, from, to) => {
      const isEvent = bytes[from] === 0x09 && bytes.subarray(from, to).includes('brain.Event:');
      found = Math.max(found, isEvent ? 1 : found > 0 ? 0.9 : 0);
    },
    damage: () => undefined,
  });
  cutter.feed(head);
  return found;
}

interface EventFile {
  readonly tail: ByteTail;
  readonly cutter: RecordCutter;
  /** Whether it was said that nothing can be read any more, or that it ends within a record. */
  isTold: boolean;
}

class EventReader implements RunReader {
  private tails = new Map<string, EventFile>();
  private rows: StepRows;
  private decoder: EventDecoder;
  /** Highest step of each metric, by index. */
  private highest: number[] = [];
  private readonly indices = new Map<string, number>();
  /** Step of the last event that did not go back, in files without a version. */
  private recent = -Infinity;
  private isStale = false;
  private hasNew = false;
  private isDated = false;

  constructor(
    private readonly source: string,
    private readonly sink: RunSink,
    private readonly options: OpenOptions = {},
  ) {
    this.rows = new StepRows(sink);
    this.decoder = this.newDecoder();
  }

  get files(): readonly string[] {
    return [this.source, ...[...this.tails.keys()].filter((file) => file !== this.source)];
  }

  async read({ isLast = false } = {}): Promise<void> {
    await this.readAll();
    if (this.isStale) {
      this.startAgain();
      await this.readAll();
    }
    this.rows.tell(isLast || !this.hasNew);
    for (const [file, events] of this.tails) this.tellEnd(path.basename(file), events, isLast);
  }

  private async readAll(): Promise<void> {
    this.hasNew = false;
    const files = await this.eventFiles();
    const gone = [...this.tails.keys()].filter((file) => !files.includes(file));
    for (const file of [...files, ...gone]) {
      await this.fileAt(file).tail.read();
      if (this.options.signal?.aborted) return;
    }
    for (const file of gone) this.tails.delete(file);
  }

  /** In the order in which TensorBoard reads them. */
  private async eventFiles(): Promise<readonly string[]> {
    const entries = await readdir(this.source, { withFileTypes: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      return ignoreMissing(error) ?? [];
    });
    if (!entries) return [this.source];
    const names = entries.filter((entry) => !entry.isDirectory() && isEventFile(entry.name)).map(({ name }) => name);
    return names.toSorted().map((name) => path.join(this.source, name));
  }

  private fileAt(file: string): EventFile {
    const known = this.tails.get(file);
    if (known) return known;
    const name = path.basename(file);
    const cutter = new RecordCutter({
      record: (bytes, view, from, to, offset) => {
        this.take(bytes, view, from, to, offset, name);
      },
      damage: (line, why) => {
        this.sink.malformed({ line, unit: 'byte', file: name, why });
      },
    });
    const bytes = (chunk: Buffer) => {
      if (this.isStale) return;
      this.hasNew = true;
      if (cutter.offset === 0) this.sink.facts(hostOf(name));
      cutter.feed(chunk);
    };
    const reset = () => {
      this.isStale = true;
    };
    const { signal } = this.options;
    const events = { tail: new ByteTail(file, { bytes, reset }, { chunkBytes, signal }), cutter, isTold: false };
    this.tails.set(file, events);
    return events;
  }

  private take(bytes: Buffer, view: DataView, from: number, to: number, offset: number, file: string): void {
    try {
      this.decoder.take(bytes, view, from, to);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      this.sink.malformed({ line: offset, unit: 'byte', file, why: `this record is not an event: ${error.message}` });
    }
  }

  private newDecoder(): EventDecoder {
    return new EventDecoder({
      metric: (key) => {
        this.indices.set(key, this.rows.addColumn(key));
        this.highest.push(-Infinity);
      },
      value: (metric, step, time, value) => {
        if (step > (this.highest[metric] as number)) this.highest[metric] = step;
        this.rows.add(metric, step, time, value);
      },
      begun: (time) => {
        if (this.isDated) return;
        this.isDated = true;
        this.sink.facts(eventFacts(time));
      },
      start: (step) => {
        this.start(step);
      },
      oldStep: (step, keys) => {
        this.oldStep(step, keys);
      },
      text: (tag, text) => {
        this.sink.facts(textFacts(tag, text));
      },
      parameters: (parameters) => {
        this.sink.facts(parameterFacts(parameters));
      },
    });
  }

  /** A process went on from this step, and TensorBoard forgets what is there of it and of later ones. */
  private start(step: number): void {
    if (!this.highest.some((last) => last >= step)) return;
    this.rows.tell(true);
    this.sink.forget(step);
    this.sink.note(
      `The run was started again at step ${step}, as its event files say: what had been logged of this step and of later ones no longer counts.`,
    );
    this.highest = this.highest.map((last) => (last >= step ? step - 1 : last));
  }

  /** Files of version 1 do not say when a process was started again: TensorBoard takes a step that goes back for it, metric by metric. */
  private oldStep(step: number, keys: readonly string[] | undefined): void {
    if (step >= this.recent || !keys) {
      this.recent = step;
      return;
    }
    const back = keys.filter((key) => (this.highest[this.indices.get(key) ?? -1] ?? -Infinity) >= step);
    if (back.length === 0) return;
    this.rows.tell(true);
    this.sink.forget(step, back);
    for (const key of back) this.highest[this.indices.get(key) as number] = step - 1;
  }

  private tellEnd(file: string, events: EventFile, isLast: boolean): void {
    const { withinDamage, withinRecord, offset } = events.cutter;
    if (events.isTold || !(withinDamage || (withinRecord && isLast))) return;
    events.isTold = true;
    this.sink.note(
      withinDamage
        ? `${file}: nothing behind the damage that was found last could be read, up to byte ${offset}.`
        : `${file} ends within a record at byte ${offset}: it is still being written, or its writer was stopped.`,
    );
  }

  private startAgain(): void {
    this.isStale = false;
    this.sink.reset();
    this.tails = new Map();
    this.rows = new StepRows(this.sink);
    this.highest = [];
    this.indices.clear();
    this.recent = -Infinity;
    this.isDated = false;
    this.decoder = this.newDecoder();
  }
}
