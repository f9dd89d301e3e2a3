import type { Malformed, RunFacts, SourceEnd } from './format.ts';

/** Malformed parts that are kept with their places; the others are counted. */
const mostKept = 20;
/** Those of them that a sentence names. */
const mostNamed = 3;

/** What a reader has told of a run besides its metrics. */
export class ToldOfRun {
  known: RunFacts = {};
  ended: SourceEnd | undefined;
  malformedLines = 0;
  /** The first of them. */
  readonly malformedParts: Malformed[] = [];
  private readonly said = new Set<string>();

  /** What is to be known about the files, in sentences. */
  get notes(): readonly string[] {
    return [...this.said];
  }

  /** What of them could not be read, in sentences. */
  get malformedNotes(): readonly string[] {
    const { malformedLines: count, malformedParts } = this;
    if (count === 0) return [];
    const named = malformedParts.slice(0, mostNamed);
    const places = named.map(({ line, unit = 'line', file, why }) => `${file === undefined ? '' : `${file}, `}${unit} ${line}: ${why}`);
    const more = count > named.length ? `; and ${count - named.length} more` : '';
    return [`${count === 1 ? '1 place' : `${count} places`} could not be read as a whole: ${places.join('; ')}${more}.`];
  }

  facts(facts: RunFacts): void {
    this.known = { ...this.known, ...facts };
  }

  malformed(found: Malformed): void {
    this.malformedLines++;
    if (this.malformedParts.length < mostKept) this.malformedParts.push(found);
  }

  note(sentence: string): void {
    this.said.add(sentence);
  }

  end(end: SourceEnd | undefined): void {
    this.ended = end;
  }
}
