import type { ParameterValue } from '../../core/comparison/groups.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { Stretch } from '../../core/records/stretch.ts';

/** What a file looks like before it is read. */
export interface Glimpse {
  /** Absolute path. */
  readonly file: string;
  /** Its first bytes, at most 64 KiB. */
  readonly head: Buffer;
  /** Its last bytes, at most 64 KiB, of those behind the head: a program may print a lot before its first record. */
  readonly tail: Buffer;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Where a run is: what a reader is opened with. */
export interface RunPlace {
  /** Name of the format. */
  readonly format: string;
  /** Absolute path of the file that holds the run, or of the folder whose files of this format do. */
  readonly source: string;
  /** Which of the runs of a store; left out: the source is one run. */
  readonly run?: string;
}

/** What the files tell of a run besides its metrics; what they do not tell is left out. */
export interface RunFacts {
  readonly name?: string;
  /** The producer's name of its advantage estimator, as one of ours where it is the same: "grpo". */
  readonly estimator?: string;
  readonly seed?: number;
  /** The producer's name for runs that belong together: project, experiment. */
  readonly group?: string;
  /** Steps that the run is to take. */
  readonly plannedSteps?: number;
  /** ISO 8601, UTC. */
  readonly createdAt?: string;
  readonly host?: string;
  /** Global norm at which gradients are clipped; left out: not known. */
  readonly maxGradNorm?: number;
  /** The producer's config by dotted path: "algorithm.adv_estimator". */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

/** How a run ended, where its files say so. */
export interface SourceEnd {
  readonly state: 'finished' | 'failed' | 'stopped';
  /** One sentence; empty: nothing more to say. */
  readonly message: string;
}

/** A part of a file that should have been a record and is none. */
export interface Malformed {
  /** From 1; in a binary file the byte at which it begins, and `unit` says so. */
  readonly line: number;
  readonly unit?: 'line' | 'byte';
  /** The file's name, where a run has several. */
  readonly file?: string;
  /** Why it cannot be read, to follow "line 12:", e.g. "the value of loss is cut off". */
  readonly why: string;
}

/** What a reader tells while it reads. Nothing of it may be kept by the reader after the call, but what is said here. */
export interface RunSink {
  /** Adds to what is known of the run; a later value replaces an earlier one. */
  facts(facts: RunFacts): void;
  /** The next metrics, in the order of the file; `time` NaN where the file has none. Steps may go back: what that means is not the reader's business. */
  metrics(records: readonly MetricsRecord[]): void;
  /** The same by column, for readers that can do without an object for each step; the receiver takes the stretches over. */
  stretches(stretches: readonly Stretch[]): void;
  /**
   * What was told of this step and of later ones no longer holds: the files say that the run was started again from before it. `keys`: of
   * these metrics alone.
   */
  forget(from: number, keys?: readonly string[]): void;
  /** Parts of records or whole ones that were left out. */
  malformed(found: Malformed): void;
  /** Something to know about the files, as a sentence, once: what was skipped, what could not be used. */
  note(sentence: string): void;
  /** The files say that the run has ended; undefined: they no longer do. */
  end(end: SourceEnd | undefined): void;
  /**
   * The files began anew (truncated, replaced, deleted): all that was told before no longer holds. `isToldAgain`: the files are the same, but
   * their steps turned out to be other ones, and all of them follow once more.
   */
  reset(isToldAgain?: boolean): void;
}

/** Reads one run, bit by bit. Keeps no file open between two reads. */
export interface RunReader {
  /**
   * Reads what is new, to the end of the files as they are now, and tells it. A file that is not there is an empty one. Throws a
   * RunDirectoryError or the system's error where a file cannot be read; the next call tries again. `isLast`: nobody will read again,
   * so that a last line without a newline is to be taken in as far as it is certain.
   */
  read(options?: { readonly isLast?: boolean }): Promise<void>;
  /** Files that it reads, as far as it knows them now, by whose size and time a change is noticed; left out: the place's source. */
  readonly files?: readonly string[];
}

export interface OpenOptions {
  /** Ends a read under way. */
  readonly signal?: AbortSignal | undefined;
  /** See ByteTailOptions; for formats of lines. */
  readonly atOnce?: boolean | undefined;
}

/** A format that a producer of runs writes. Each is one file in `formats/`, and a line in `formats.ts`. */
export interface RunFormat {
  /** As `otb inspect` calls it: "verl-console". */
  readonly name: string;
  /** What it is, in words: "console log of verl". */
  readonly title: string;
  /** By what its files are told, for whoever looked for one in vain: `lines like "step:1 - actor/grad_norm:0.31"`. */
  readonly sign: string;
  /** How sure it is that a file is of this format, by its content more than by its name: 0 not at all, 0.5 it may be, 1 beyond doubt. */
  sniff(glimpse: Glimpse): number;
  /** The runs that a file of this format holds, or belongs to; left out: it is one run itself. Files that give the same place are one run. */
  places?(file: string): Promise<readonly RunPlace[]>;
  /** Whether other files in the folder of such a run, or of such a file, tell of the same run, so that they are no runs of their own. */
  readonly ownsFolder?: boolean | ((file: string) => boolean);
  open(place: RunPlace, sink: RunSink, options?: OpenOptions): RunReader;
}
