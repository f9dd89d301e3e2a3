import recorded from './growth.json' with { type: 'json' };

/** What makes a step of a transformer long or short. */
export interface StepShape {
  readonly width: number;
  readonly layers: number;
  /** Of a response. */
  readonly tokens: number;
  /** Responses that are sampled together. */
  readonly sequences: number;
}

/** What `npm run bench:growth` has measured. */
export interface Growth {
  /** The processor. */
  readonly machine: string;
  /** Version of PyTorch. */
  readonly torch: string;
  /** By how much of itself the ratio of the two costs is off at worst at what was measured. */
  readonly error: number;
  readonly points: readonly Omit<StepShape, 'sequences'>[];
  /** Factors of the cost's terms, by number of threads. */
  readonly fits: readonly { readonly threads: number; readonly ours: readonly number[]; readonly torch: readonly number[] }[];
}

/** Seconds a token of sampling and updating: the built-in trainer's, and PyTorch's for the same policy on the same processor. */
export interface StepCost {
  readonly ours: number;
  readonly torch: number;
  /** With how many threads: the most that were measured and that there are. */
  readonly threads: number;
}

export const growth: Growth = recorded;

/**
 * What the time of a token is made of, up to factors: what is the same for every token; what each layer has to be called for, and once for
 * all sequences; vectors, matrix products and attention; the weights, read for each token of all sequences, and updated once for all.
 */
export function costTerms({ width, layers, tokens, sequences }: StepShape): readonly number[] {
  const weights = layers * width ** 2;
  const perCall = layers / sequences;
  return [1, layers, perCall, layers * width, weights, weights / sequences, weights / (sequences * tokens), layers * width * tokens];
}

/** The cost on the machine of the measurements; null where the size lies outside of them. */
export function stepCost(shape: StepShape, threads: number, { points, fits }: Growth = growth): StepCost | null {
  if (!isWithin(shape, points)) return null;
  const [fit] = fits.filter((each) => each.threads <= threads).sort((a, b) => b.threads - a.threads);
  if (fit === undefined) return null;
  const terms = costTerms(shape);
  const sum = (factors: readonly number[]): number => terms.reduce((total, term, i) => total + term * factors[i]!, 0);
  return { ours: sum(fit.ours), torch: sum(fit.torch), threads: fit.threads };
}

/** Whether something was measured that is at least as large in every respect; and nothing here is smaller than all that was measured. */
function isWithin(shape: StepShape, points: Growth['points']): boolean {
  const keys = ['width', 'layers', 'tokens'] as const;
  const reached = points.some((point) => keys.every((key) => shape[key] <= point[key]));
  return reached && keys.every((key) => shape[key] >= Math.min(...points.map((point) => point[key])));
}
