import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isObject, parse, setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { ignoreMissing } from '../../directory/missing.ts';
import type { Malformed, OpenOptions, RunFormat, RunPlace, RunReader, RunSink } from '../format.ts';
import { DocumentFile, DocumentTeller, tellTorn } from '../jsonDocument.ts';
import type { DocumentContents } from '../jsonDocument.ts';
import { pythonNumber } from '../pythonNumber.ts';

const fileName = 'trainer_state.json';
const checkpointName = /^checkpoint-(\d+)$/;

/**
 * The state of a Hugging Face trainer (`TrainerState.save_to_json` of transformers), as TRL, ms-swift, unsloth and LLaMA-Factory keep
 * it: everything that was logged, in `log_history`. It is written anew into each new checkpoint, and into the output directory at the
 * end, so that all those files tell of one run, the one of the latest step most of it.
 */
export const trainerState: RunFormat = {
  name: 'trainer-state',
  title: 'trainer_state.json of a Hugging Face trainer',
  sign: 'a JSON document with "log_history" and "global_step"',
  sniff({ head }) {
    const text = head.toString('latin1').trimStart();
    if (!text.startsWith('{') || !text.includes('"log_history"')) return 0;
    // ms-swift's logging.jsonl ends with a line that has what is in such a document.
    const first = parse(text.slice(0, Math.max(0, text.indexOf('\n'))));
    if (isObject(first) && !Object.hasOwn(first, 'log_history')) return 0;
    return text.includes('"global_step"') ? 1 : 0.7;
  },
  async places(file) {
    return [{ format: trainerState.name, source: await sourceOf(file) }];
  },
  open: ({ source }: RunPlace, sink, options) => new StateReader(source, sink, options),
};

/** The output directory, where checkpoints in it hold states; the file itself, where it stands alone. */
async function sourceOf(file: string): Promise<string> {
  if (path.basename(file) !== fileName) return file;
  const folder = path.dirname(file);
  if (checkpointName.test(path.basename(folder))) return path.dirname(folder);
  return (await latestCheckpoint(folder)) ? folder : file;
}

/** The state in the checkpoint of the latest step in an output directory. */
async function latestCheckpoint(folder: string): Promise<{ readonly step: number; readonly file: string } | undefined> {
  const names = await readdir(folder).catch(ignoreMissing);
  const steps = (names ?? []).map((name) => Number(checkpointName.exec(name)?.[1] ?? Number.NaN)).filter((step) => !Number.isNaN(step));
  for (const step of steps.toSorted((a, b) => b - a)) {
    const file = path.join(folder, `checkpoint-${step}`, fileName);
    if ((await stat(file).catch(ignoreMissing))?.isFile()) return { step, file };
  }
  return undefined;
}

class StateReader implements RunReader {
  private readonly teller: DocumentTeller;
  /** The source, or in an output directory the file that was written at the end. */
  private own: DocumentFile;
  private ownContents: DocumentContents | undefined;
  private ownStep = -Infinity;
  private checkpoint: DocumentFile | undefined;
  /** Whose contents were told last. */
  private current: DocumentFile | undefined;
  private isFolder = false;

  constructor(
    private readonly source: string,
    private readonly sink: RunSink,
    private readonly options: OpenOptions = {},
  ) {
    this.teller = new DocumentTeller(sink);
    this.own = new DocumentFile(source);
  }

  get files(): readonly string[] {
    return this.isFolder ? [this.source, this.own.file, ...(this.checkpoint ? [this.checkpoint.file] : [])] : [this.source];
  }

  async read({ isLast = false } = {}): Promise<void> {
    if (this.options.signal?.aborted) return;
    if (!this.isFolder && (await stat(this.source).catch(ignoreMissing))?.isDirectory()) {
      this.isFolder = true;
      this.own = new DocumentFile(path.join(this.source, fileName));
    }
    const latest = this.isFolder ? await latestCheckpoint(this.source) : undefined;
    const isOwn = await this.lookAtOwn(latest === undefined && isLast);
    if (latest && latest.step > this.ownStep) return this.lookAtCheckpoint(latest.file, isLast);
    if (!this.ownContents) {
      if (isOwn === 'missing') this.teller.clear();
      return undefined;
    }
    if (isOwn === 'changed' || this.current !== this.own) this.teller.tell(this.ownContents);
    this.current = this.own;
    return undefined;
  }

  private async lookAtOwn(isLast: boolean): Promise<'missing' | 'torn' | 'unchanged' | 'changed'> {
    const look = await this.own.look();
    if (look.state === 'missing') [this.ownContents, this.ownStep] = [undefined, -Infinity];
    else if (look.state === 'torn') tellTorn(look, this.sink, isLast);
    else if (look.state === 'changed') {
      this.ownContents = stateContents(look.document);
      this.ownStep = stepOf(look.document);
    }
    return look.state;
  }

  private async lookAtCheckpoint(file: string, isLast: boolean): Promise<void> {
    if (this.checkpoint?.file !== file) this.checkpoint = new DocumentFile(file);
    // What was told last came from elsewhere: this file has to be told again, even if it is what it was.
    else if (this.current !== this.checkpoint) this.checkpoint.forget();
    const look = await this.checkpoint.look();
    if (look.state === 'torn') tellTorn(look, this.sink, isLast);
    else if (look.state === 'changed') {
      this.teller.tell(stateContents(look.document));
      this.current = this.checkpoint;
    }
  }
}

function stepOf(document: unknown): number {
  const step = isObject(document) ? document['global_step'] : undefined;
  return typeof step === 'number' ? step : -Infinity;
}

/** What a trainer's state tells: rows of `log_history`, each of them the metrics of a step or a part of them. */
function stateContents(document: unknown): DocumentContents {
  const { log_history: rows, ...state } = isObject(document) ? document : {};
  if (!Array.isArray(rows)) return { records: [], malformed: [{ line: 1, why: 'there is no list "log_history" in it' }] };
  const records: MetricsRecord[] = [];
  const malformed: Malformed[] = [];
  for (const [index, row] of (rows as readonly unknown[]).entries()) {
    const record = rowRecord(row);
    if (record) records.push(additionTo(records.at(-1), record));
    else malformed.push({ line: 1, why: `row ${index + 1} of "log_history" has no step` });
  }
  const { max_steps: planned, global_step: step } = state;
  const parameters: Record<string, ParameterValue> = {};
  for (const key of ['num_train_epochs', 'train_batch_size', 'logging_steps', 'save_steps', 'eval_steps', 'max_steps']) {
    const value = state[key];
    if (typeof value === 'number') parameters[key] = value;
  }
  const isPlanned = typeof planned === 'number' && planned > 0;
  return {
    records,
    malformed,
    facts: { ...(isPlanned ? { plannedSteps: planned } : {}), parameters },
    ...(isPlanned && step === planned ? { end: { state: 'finished', message: '' } } : {}),
  };
}

/** What a row adds to the one before it: an evaluation says again of which epoch its step is. */
function additionTo(before: MetricsRecord | undefined, record: MetricsRecord): MetricsRecord {
  if (before?.step !== record.step) return record;
  const isNew = ([key, value]: [string, number]) => !Object.hasOwn(before.data, key) || !Object.is(before.data[key], value);
  return { ...record, data: Object.fromEntries(Object.entries(record.data).filter(isNew)) };
}

/** Everything in a row that is a number, or a string that is one: ms-swift has "5/3766" and "13%" beside them. */
function rowRecord(row: unknown): MetricsRecord | undefined {
  if (!isObject(row)) return undefined;
  const { step, ...values } = row;
  if (typeof step !== 'number' || !Number.isFinite(step)) return undefined;
  const data: Record<string, number> = {};
  for (const [key, value] of Object.entries(values)) {
    const number = typeof value === 'string' ? pythonNumber(value) : value;
    if (typeof number === 'number') setOwn(data, key, number);
  }
  return { step, time: Number.NaN, data };
}
