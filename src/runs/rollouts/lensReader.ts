import { setImmediate } from 'node:timers/promises';
import { lensRow } from '../../core/lens/lensRow.ts';
import type { LensHostMessage, LensRow } from '../../core/lens/messages.ts';
import type { NoiseReport } from '../../core/lens/noise.ts';
import { counted } from '../../core/notation.ts';
import type { TokenValues, Trajectory } from '../../core/records/trajectory.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import type { RolloutSource } from './rolloutSource.ts';

/** Milliseconds between rows that are told. */
const tellMs = 40;
/** Lines that are no trajectory of which it is told why. */
const mostProblems = 100;

export interface LensReaderOptions {
  readonly source: RolloutSource;
  /** As `LensMemory` has it. */
  readonly place: string;
  readonly post: (message: LensHostMessage) => void;
  /** How noisy a step is that has been read; never settles where another step is asked for meanwhile. */
  readonly noise: (step: number, trajectories: readonly Trajectory[]) => Promise<NoiseReport | string>;
}

/** Reads rollouts for a token lens, one step at a time, and keeps the trajectories of that step to answer from. */
export class LensReader {
  private readonly kept = new Map<number, Trajectory>();
  /** The step that is shown, or read; null: none yet. */
  private step: number | null = null;
  /** The step that is to be read next; null: none. */
  private next: number | null = null;
  private isReading = false;
  private steps: readonly number[] | undefined;
  /** Whether the last step is to be shown as soon as there is one. */
  private awaitsStep = false;
  /** Sequences that were wanted before they had been read. */
  private awaited = new Set<number>();
  /** What is searched for; null: nothing. */
  private searched: string | null = null;
  /** Texts in lower case, prompt and response, of trajectories that were searched. */
  private readonly texts = new Map<number, readonly [prompt: string, response: string]>();

  constructor(private readonly options: LensReaderOptions) {}

  /** Tells which steps there are; `again`: also where they are those that were told. */
  async look(again = false): Promise<void> {
    const { source, place, post } = this.options;
    let steps: readonly number[];
    try {
      steps = await source.steps();
    } catch (error) {
      this.fail(this.step ?? 0, error);
      return;
    }
    const isSame = this.steps?.length === steps.length && steps.every((step, index) => step === this.steps?.[index]);
    this.steps = steps;
    if (!isSame || again) post({ type: 'source', name: source.name, place, estimator: source.estimator, steps });
    const last = steps.at(-1);
    if (!this.awaitsStep || last === undefined) return;
    this.awaitsStep = false;
    await this.show(last);
  }

  /** Shows the last step, as soon as there is one. */
  async showLast(): Promise<void> {
    this.awaitsStep = true;
    await this.look();
  }

  /** Reads a step and tells its trajectories. Of steps that are asked for while one is read, only the last is read. */
  async show(step: number): Promise<void> {
    this.awaitsStep = false;
    this.next = step;
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.next !== null) {
        const { next } = this;
        this.next = null;
        await this.read(next);
      }
    } finally {
      this.isReading = false;
    }
  }

  want(step: number, sequences: readonly number[]): void {
    if (step !== this.step) return;
    for (const sequence of sequences) this.awaited.add(sequence);
    this.answer();
  }

  search(step: number, text: string): void {
    if (step !== this.step) return;
    this.searched = text;
    this.find();
  }

  private async read(step: number): Promise<void> {
    const { source, post, noise } = this.options;
    this.forget();
    this.step = step;
    post({ type: 'step', step });
    const problems: { line: number; problem: string }[] = [];
    let malformed = 0;
    let firstLeftOut: number | undefined;
    let rows: LensRow[] = [];
    let told = -Infinity;
    try {
      for await (const each of source.read(step)) {
        if (this.next !== null) return;
        if (each.kind === 'malformed') {
          if (malformed++ < mostProblems) problems.push({ line: each.line, problem: each.problem });
          else firstLeftOut ??= each.line;
        } else {
          this.kept.set(each.trajectory.sequence, each.trajectory);
          rows.push(lensRow(each.trajectory));
        }
        if (performance.now() - told < tellMs) continue;
        if (rows.length > 0) post({ type: 'rows', step, rows, isComplete: false });
        rows = [];
        this.answer();
        // Lets in what is asked meanwhile.
        await setImmediate();
        told = performance.now();
      }
    } catch (error) {
      this.forget();
      this.fail(step, error);
      return;
    }
    if (this.next !== null) return;
    if (firstLeftOut !== undefined)
      problems.push({ line: firstLeftOut, problem: `${counted(malformed - mostProblems, 'line')} from here on cannot be read either` });
    if (problems.length > 0) post({ type: 'malformed', step, lines: problems });
    post({ type: 'rows', step, rows, isComplete: true });
    this.answer();
    this.awaited.clear();
    if (this.searched !== null) this.find();
    const trajectories = [...this.kept.values()];
    void noise(step, trajectories).then((report) => {
      if (this.step === step && this.next === null) post({ type: 'noise', step, noise: report });
    });
  }

  private fail(step: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const isForeseen = error instanceof RunDirectoryError;
    this.options.post({ type: 'failure', step, message: isForeseen ? message : `The rollouts cannot be read: ${message}` });
  }

  private forget(): void {
    this.kept.clear();
    this.texts.clear();
    this.awaited.clear();
    this.searched = null;
  }

  /** Tells those that were wanted and are there. */
  private answer(): void {
    const found = [...this.awaited].flatMap((sequence) => this.kept.get(sequence) ?? []);
    if (found.length === 0 || this.step === null) return;
    for (const { sequence } of found) this.awaited.delete(sequence);
    this.options.post({ type: 'trajectories', step: this.step, trajectories: found.map(sendable) });
  }

  private find(): void {
    const { step, searched } = this;
    if (step === null || searched === null) return;
    const wanted = searched.toLowerCase();
    const sequences = [...this.kept.keys()].filter((sequence) => this.textsOf(sequence).some((text) => text.includes(wanted)));
    this.options.post({ type: 'found', step, text: searched, sequences: sequences.sort((a, b) => a - b) });
  }

  private textsOf(sequence: number): readonly string[] {
    const known = this.texts.get(sequence);
    if (known !== undefined) return known;
    const { prompt, response } = this.kept.get(sequence)!;
    const texts = [prompt.join('').toLowerCase(), response.join('').toLowerCase()] as const;
    this.texts.set(sequence, texts);
    return texts;
  }
}

/** Messages to a page are JSON but for typed arrays: one number that is none becomes a list of it. */
function sendable(trajectory: Trajectory): Trajectory {
  const { length } = trajectory.response;
  const spread = (values: TokenValues): TokenValues =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'number' && !Number.isFinite(value) ? new Float32Array(length).fill(value) : value,
      ]),
    );
  return { ...trajectory, advantages: spread(trajectory.advantages), baselines: spread(trajectory.baselines) };
}
