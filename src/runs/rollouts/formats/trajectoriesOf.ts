import { createHash } from 'node:crypto';
import type { ReadTrajectory } from '../rolloutSource.ts';
import { derivedAdvantages, energiesOf, type Outline } from './derivedAdvantages.ts';
import type { ReadRow } from './jsonLines.ts';
import { parseResponse, type Response } from './response.ts';
import type { RolloutMapping } from './mapping.ts';

export interface RowsOfStep {
  /** The rows of the file, as often as they are asked for. */
  rows(): AsyncIterable<ReadRow>;
  /** Bytes of the file. */
  readonly size: number;
  readonly mapping: RolloutMapping;
  /** Null: all rows are of this step. */
  readonly step: number | null;
  /** A last touch to what a row says, e.g. a reward that only the whole file tells. */
  readonly finish?: (response: Response, row: unknown) => Response;
}

/** Bytes of a file whose responses are kept in memory, instead of being read twice. */
const keptBytes = 128 << 20;

/**
 * The trajectories of a step in a file of rows. Advantages follow from all responses to a prompt, and these may stand far apart: a large
 * file is read twice, and of the first time only what advantages follow from is kept.
 */
export async function* trajectoriesOf(source: RowsOfStep): AsyncGenerator<ReadTrajectory> {
  const outlines: Outline[] = [];
  const kept: ReadResponse[] = [];
  const keeps = source.size <= keptBytes;
  let isWhole = true;
  for await (const read of responsesOf(source)) {
    if (keeps) kept.push(read);
    if ('problem' in read) isWhole = false;
    else outlines.push(outlineOf(read.response));
  }
  const derived = derivedAdvantages(outlines, isWhole);
  const groups = new Map<string, number>();
  let sequence = 0;
  for await (const read of keeps ? kept : responsesOf(source)) {
    if ('problem' in read) {
      yield { kind: 'malformed', line: read.line, problem: read.problem };
      continue;
    }
    const outline = outlines[sequence];
    // What has been added to the file since it was read first comes the next time.
    if (outline === undefined) return;
    const { prompt, response, isTokenized, mask, reward, logProbs, sumPiSquared, facts } = read.response;
    const group = groups.get(outline.group) ?? groups.size;
    groups.set(outline.group, group);
    const said = { prompt, response, isTokenized, mask, reward, logProbs, sumPiSquared, facts };
    const known = { turns: turnsOf(mask), truncated: null, ...energiesOf(outline), ...derived[sequence]! };
    yield { kind: 'trajectory', trajectory: { sequence: sequence++, group, ...said, ...known } };
  }
}

type ReadResponse = { readonly response: Response } | { readonly line: number; readonly problem: string };

async function* responsesOf({ rows, mapping, step, finish }: RowsOfStep): AsyncGenerator<ReadResponse> {
  for await (const row of rows()) {
    if ('problem' in row) {
      yield row;
      continue;
    }
    const response = parseResponse(row.value, mapping);
    if (typeof response === 'string') yield { line: row.line, problem: response };
    else if (step === null || response.step === step) yield { response: finish?.(response, row.value) ?? response };
  }
}

/** Groups by digest: prompts can be long, and many. */
function outlineOf({ group, reward, mask, logProbs, sumPiSquared, response, isTokenized }: Response): Outline {
  const digest = createHash('sha1').update(group).digest('base64');
  return { group: digest, reward, mask, logProbs, sumPiSquared, tokens: isTokenized ? response.length : null };
}

/** How often the policy began to speak; null: not told apart from the environment. */
function turnsOf(mask: Uint8Array | null): number | null {
  return mask && mask.reduce((turns, isAction, t) => turns + (isAction === 1 && mask[t - 1] !== 1 ? 1 : 0), 0);
}
