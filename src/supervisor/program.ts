import type { ExitRecord } from '../core/records/run.ts';

/** A program that a supervisor runs: a command of this machine, or a job of a Ray cluster. */
export interface Program {
  /** Starts it, or finds it again where it goes on. Throws an error whose message is a sentence with the remedy. */
  start(listener: ProgramListener): Promise<void>;
  /** Asks it to end, once; `ended` settles when it has, with all that it had started. */
  stop(): void;
  /** Settles when it has ended, and everything that it printed has been told. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** How it ended is in the run directory. */
  settled?(): void;
}

export interface ProgramListener {
  /** What it printed, as it comes. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** What there is to know while it goes on, as a sentence; empty: nothing any more. */
  readonly onNotice: (sentence: string) => void;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** How it ended, told when all that it logged has been taken in. */
  describe(): ProgramEnding;
}

export interface ProgramEnding {
  readonly reason: Extract<ExitRecord['reason'], 'completed' | 'stopped' | 'failed'>;
  /** A sentence, with the remedy where there is one. */
  readonly message: string;
}
