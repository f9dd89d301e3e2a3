import type { Trajectory } from '../../src/core/records/trajectory.ts';

/** Where a text stands in a trajectory: the first token of each place, and all tokens that are part of one. */
export interface FoundPlaces {
  readonly prompt: readonly number[];
  readonly response: readonly number[];
  readonly inPrompt: ReadonlySet<number>;
  readonly inResponse: ReadonlySet<number>;
}

/** In whatever case, and over the bounds of tokens. */
export function placesOf(trajectory: Trajectory | null, text: string): FoundPlaces {
  const [prompt, inPrompt] = placesIn(trajectory?.prompt ?? [], text);
  const [response, inResponse] = placesIn(trajectory?.response ?? [], text);
  return { prompt, response, inPrompt, inResponse };
}

function placesIn(tokens: readonly string[], text: string): readonly [readonly number[], ReadonlySet<number>] {
  const starts: number[] = [];
  const within = new Set<number>();
  const wanted = text.toLowerCase();
  if (wanted === '') return [starts, within];
  const lowered = tokens.map((token) => token.toLowerCase());
  const whole = lowered.join('');
  let token = 0;
  let end = lowered[0]?.length ?? 0;
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    while (end <= at) end += lowered[++token]?.length ?? 0;
    starts.push(token);
    within.add(token);
    while (end < at + wanted.length) {
      end += lowered[++token]?.length ?? 0;
      within.add(token);
    }
  }
  return [starts, within];
}
