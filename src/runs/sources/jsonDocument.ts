import { stat } from 'node:fs/promises';
import { parse } from '../../core/records/json.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { ignoreMissing } from '../directory/missing.ts';
import { readText } from '../directory/regularFile.ts';
import type { Malformed, OpenOptions, RunFacts, RunFormat, RunPlace, RunReader, RunSink, SourceEnd } from './format.ts';

/**
 * The most bytes and values of a document that is read as a whole: 150,000 steps of 25 metrics. What is longer is written line by line,
 * by everybody who has the choice.
 */
const limits = { bytes: 128 << 20, values: 4_000_000 } as const;

/** What a whole JSON document tells of a run. */
export interface DocumentContents {
  /** In the order of the document. */
  readonly records: readonly MetricsRecord[];
  readonly facts?: RunFacts;
  readonly end?: SourceEnd;
  readonly malformed?: readonly Malformed[];
  readonly notes?: readonly string[];
}

/** Makes a run of a document; undefined: it is none of this format. */
export type DocumentDecoder = (document: unknown) => DocumentContents | undefined;

/** How a document was found. `unchanged`: as at the last look; `torn`: no JSON, as while it is being written. */
export type DocumentLook =
  | { readonly state: 'missing' | 'unchanged' }
  | { readonly state: 'torn'; readonly lines: number; readonly isEmpty: boolean }
  | { readonly state: 'changed'; readonly document: unknown };

/** A JSON file that its producer writes anew as a whole whenever there is more to say. */
export class DocumentFile {
  private known = '';

  constructor(readonly file: string) {}

  /** Reads and parses the file if it is not what it was. Throws the system's error, or an UnusableFileError where it is too big. */
  async look(): Promise<DocumentLook> {
    const status = await stat(this.file).catch(ignoreMissing);
    if (!status) {
      this.known = '';
      return { state: 'missing' };
    }
    const { ino, size, mtimeMs } = status;
    const identity = `${ino} ${size} ${mtimeMs}`;
    if (identity === this.known) return { state: 'unchanged' };
    const text = await readText(this.file, limits.bytes);
    const document = parse(text, limits);
    // One that is torn is looked at again even if nothing about it seems to change: a clock may be coarser than two writes.
    if (document === undefined) return { state: 'torn', lines: text.split('\n').length, isEmpty: text.trim() === '' };
    this.known = identity;
    return { state: 'changed', document };
  }

  /** The next look reads the file again. */
  forget(): void {
    this.known = '';
  }
}

/** Tells a sink what documents say, and of what they repeat nothing: one that begins like the one before goes on with it. */
export class DocumentTeller {
  private told: readonly MetricsRecord[] = [];
  private hasTold = false;

  constructor(private readonly sink: RunSink) {}

  tell({ records, facts = {}, end, malformed = [], notes = [] }: DocumentContents): void {
    const goesOn =
      malformed.length === 0 && this.told.length <= records.length && this.told.every((record, row) => isSame(record, records[row]));
    if (this.hasTold && !goesOn) this.sink.reset();
    this.sink.facts(facts);
    this.sink.metrics(goesOn ? records.slice(this.told.length) : records);
    for (const one of malformed) this.sink.malformed(one);
    for (const note of notes) this.sink.note(note);
    this.sink.end(end);
    this.told = records;
    this.hasTold = true;
  }

  /** The document is gone. */
  clear(): void {
    if (this.hasTold) this.sink.reset();
    [this.told, this.hasTold] = [[], false];
  }
}

/** A format whose files are whole JSON documents, read again when they changed; every file is a run. */
export function documentFormat(format: Omit<RunFormat, 'open'>, decode: DocumentDecoder): RunFormat {
  return { ...format, open: ({ source }: RunPlace, sink, options) => new DocumentReader(source, sink, decode, options) };
}

class DocumentReader implements RunReader {
  private readonly document: DocumentFile;
  private readonly teller: DocumentTeller;

  constructor(
    file: string,
    private readonly sink: RunSink,
    private readonly decode: DocumentDecoder,
    private readonly options: OpenOptions = {},
  ) {
    this.document = new DocumentFile(file);
    this.teller = new DocumentTeller(sink);
  }

  async read({ isLast = false } = {}): Promise<void> {
    if (this.options.signal?.aborted) return;
    const look = await this.document.look();
    if (look.state === 'missing') this.teller.clear();
    else if (look.state === 'torn') tellTorn(look, this.sink, isLast);
    else if (look.state === 'changed') {
      const contents = this.decode(look.document);
      if (contents) this.teller.tell(contents);
      else if (isLast) this.sink.malformed({ line: 1, why: 'the document has no records of a run' });
    }
  }
}

/** Says that a document is torn, where nobody will read it again: until then it may be in the middle of being written. */
export function tellTorn({ lines, isEmpty }: { readonly lines: number; readonly isEmpty: boolean }, sink: RunSink, isLast: boolean): void {
  if (!isLast) return;
  const why = isEmpty ? 'the file is empty' : 'the file is not a whole JSON document: it is being written, or was cut off';
  sink.malformed({ line: lines, why });
}

function isSame(a: MetricsRecord, b: MetricsRecord | undefined): boolean {
  if (!b || a.step !== b.step || !Object.is(a.time, b.time)) return false;
  const keys = Object.keys(a.data);
  return (
    keys.length === Object.keys(b.data).length && keys.every((key) => Object.hasOwn(b.data, key) && Object.is(a.data[key], b.data[key]))
  );
}
