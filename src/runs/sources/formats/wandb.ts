import path from 'node:path';
import { parse } from '../../../core/records/json.ts';
import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { ByteTail } from '../../directory/byteTail.ts';
import { HistoryDecoder } from '../binary/historyDecoder.ts';
import { LogCutter } from '../binary/logCutter.ts';
import { ProtobufError, ProtobufReader } from '../binary/protobuf.ts';
import { StepRows } from '../binary/stepRows.ts';
import type { OpenOptions, RunFormat, RunReader, RunSink } from '../format.ts';
import { flattened, parameterFacts } from '../parameters.ts';

/** ":W&B", the magic number 0xbee1 and the version, 0. */
const header = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]);
const chunkBytes = 1 << 20;

/** Fields in wandb/proto/wandb_internal.proto; those of a record that say what is told here. */
const record = { history: 2, config: 5, run: 17, exit: 18 } as const;
const run = { id: 1, project: 3, config: 4, group: 6, name: 8, host: 13, start: 17 } as const;
const config = { update: 1, remove: 2 } as const;
const configItem = { key: 1, nestedKey: 2, json: 16 } as const;
/** Under which W&B keeps things of its own in a config. */
const ownKey = '_wandb';

/**
 * The file of a run that the client of W&B writes, offline or not: run-ID.wandb in wandb/offline-run-… or wandb/run-…. What lies beside it, such as
 * files/output.log, is of the same run.
 */
export const wandb: RunFormat = {
  name: 'wandb',
  title: 'run file of Weights & Biases',
  sign: 'run-*.wandb files, which begin with ":W&B"',
  sniff({ file, head }) {
    if (head.subarray(0, header.length).equals(header)) return 1;
    return head.length === 0 && path.extname(file) === '.wandb' ? 0.6 : 0;
  },
  ownsFolder: true,
  open: ({ source }, sink, options) => new WandbReader(source, sink, options),
};

class WandbReader implements RunReader {
  private readonly tail: ByteTail;
  private rows: StepRows;
  private history: HistoryDecoder;
  private cutter: LogCutter;
  private parameters: Record<string, ParameterValue> = {};
  private hasNew = false;
  private isTold = false;

  constructor(
    private readonly file: string,
    private readonly sink: RunSink,
    { signal }: OpenOptions = {},
  ) {
    this.rows = new StepRows(sink);
    this.history = new HistoryDecoder(this.rows);
    this.cutter = this.newCutter();
    const bytes = (chunk: Buffer) => {
      this.hasNew = true;
      this.cutter.feed(chunk);
    };
    const reset = () => {
      sink.reset();
      this.rows = new StepRows(sink);
      this.history = new HistoryDecoder(this.rows);
      this.cutter = this.newCutter();
      [this.parameters, this.isTold] = [{}, false];
    };
    this.tail = new ByteTail(file, { bytes, reset }, { chunkBytes, signal });
  }

  async read({ isLast = false } = {}): Promise<void> {
    this.hasNew = false;
    await this.tail.read();
    this.rows.tell(isLast || !this.hasNew);
    if (!isLast || this.isTold || !this.cutter.withinRecord) return;
    this.isTold = true;
    this.sink.note(
      `${path.basename(this.file)} ends within a record at byte ${this.cutter.offset}: it is still being written, or its writer was stopped.`,
    );
  }

  private newCutter(): LogCutter {
    const listener = {
      record: (bytes: Buffer, view: DataView, from: number, to: number, offset: number) => {
        try {
          this.take(new ProtobufReader(bytes, view, from, to));
        } catch (error) {
          if (!(error instanceof ProtobufError)) throw error;
          this.sink.malformed({ line: offset, unit: 'byte', why: `this record cannot be read: ${error.message}` });
        }
      },
      damage: (line: number, why: string) => {
        this.sink.malformed({ line, unit: 'byte', why });
      },
    };
    return new LogCutter(listener, header.length);
  }

  private take(reader: ProtobufReader): void {
    while (reader.next()) {
      if (reader.wire !== 'bytes') continue;
      if (reader.field === record.history) this.history.take(reader.message);
      else if (reader.field === record.config) this.takeConfig(reader.message);
      else if (reader.field === record.run) this.takeRun(reader.message);
      else if (reader.field === record.exit) this.takeExit(reader.message);
    }
  }

  private takeRun(reader: ProtobufReader): void {
    const texts = new Map<number, string>();
    let start = 0;
    while (reader.next()) {
      if (reader.wire !== 'bytes') continue;
      if (reader.field === run.config) this.takeConfig(reader.message);
      else if (reader.field === run.start) start = seconds(reader.message);
      else if (([run.id, run.project, run.group, run.name, run.host] as number[]).includes(reader.field))
        texts.set(reader.field, reader.text);
    }
    const name = texts.get(run.name) || this.folderName || texts.get(run.id);
    const group = texts.get(run.group) || texts.get(run.project);
    const host = texts.get(run.host);
    this.sink.facts({
      ...(name !== undefined && name !== '' && { name }),
      ...(group !== undefined && group !== '' && { group }),
      ...(host !== undefined && host !== '' && { host }),
      ...(start > 0 && { createdAt: new Date(start * 1000).toISOString() }),
    });
  }

  /** The folder that W&B makes for a run, which says when it began; empty: the file lies elsewhere. */
  private get folderName(): string {
    const name = path.basename(path.dirname(this.file));
    return /^(?:offline-)?run-\d{8}_\d{6}-/.test(name) ? name : '';
  }

  private takeConfig(reader: ProtobufReader): void {
    while (reader.next()) {
      if (reader.wire !== 'bytes' || (reader.field !== config.update && reader.field !== config.remove)) continue;
      const { key, json } = readConfigItem(reader.message);
      if (key === ownKey || key.startsWith(`${ownKey}.`)) continue;
      for (const path of Object.keys(this.parameters)) if (path === key || path.startsWith(`${key}.`)) delete this.parameters[path];
      if (reader.field === config.update) flattened(parse(json), key, this.parameters);
    }
    if (Object.keys(this.parameters).length > 0) this.sink.facts(parameterFacts({ ...this.parameters }));
  }

  private takeExit(reader: ProtobufReader): void {
    let code = 0;
    while (reader.next()) if (reader.field === 1 && reader.wire === 'varint') code = reader.signed;
    this.sink.end(
      code === 0 ? { state: 'finished', message: '' } : { state: 'failed', message: `Its process ended with exit code ${code}.` },
    );
  }
}

function readConfigItem(reader: ProtobufReader): { readonly key: string; readonly json: string } {
  let [plain, json] = ['', ''];
  const nested: string[] = [];
  while (reader.next()) {
    if (reader.wire !== 'bytes') continue;
    if (reader.field === configItem.key) plain = reader.text;
    else if (reader.field === configItem.nestedKey) nested.push(reader.text);
    else if (reader.field === configItem.json) json = reader.text;
  }
  return { key: plain || nested.join('.'), json };
}

/** A google.protobuf.Timestamp in seconds since 1970; 0 where it is no date. */
function seconds(reader: ProtobufReader): number {
  let [whole, nanos] = [0, 0];
  while (reader.next()) {
    if (reader.wire !== 'varint') continue;
    if (reader.field === 1) whole = reader.signed;
    else if (reader.field === 2) nanos = reader.signed;
  }
  return whole > 0 && whole < 8.64e12 && nanos >= 0 && nanos < 1e9 ? whole + nanos / 1e9 : 0;
}
