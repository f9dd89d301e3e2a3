import { metricNames } from '../../src/core/records/metricNames.ts';
import type { LabelledRun } from './labelledRun.ts';

/** How another trainer would have logged a run. */
export interface Variant {
  readonly name: string;
  /** Whether a detector has to say of it what it says of the plain run: units and zero of a reward or a norm mean nothing. */
  readonly sameAsPlain: boolean;
  of(run: LabelledRun): LabelledRun;
}

type Data = Readonly<Record<string, number>>;

const { gradNorm, score } = metricNames;

export const variants: readonly Variant[] = [
  { name: 'plain', sameAsPlain: true, of: (run) => run },
  rescaled('reward ±1', score, 2, -1),
  rescaled('reward −10 … 0', score, 10, -10),
  rescaled('reward 3 … 8', score, 5, 3),
  rescaled('reward × 1000', score, 1000, 0),
  rescaled('norm × 0.001', gradNorm, 1e-3, 0),
  rescaled('norm × 10,000', gradNorm, 1e4, 0),
  rareScore(5),
  rareScore(10),
  rareScore(50),
  changed('score every 5 steps, else NaN', (step, data) =>
    step % 5 === 0 || data[score] === undefined ? data : { ...data, [score]: Number.NaN },
  ),
  thinned(2),
  thinned(5),
  thinned(10),
  blind('gradient norm only', (data) => without(data, (metric) => metric !== gradNorm)),
  blind('score only', (data) => without(data, (metric) => metric !== score)),
  changed('gradient norm and score only', (_, data) => without(data, (metric) => metric !== gradNorm && metric !== score)),
];

function changed(name: string, change: (step: number, data: Data) => Data): Variant {
  return {
    name,
    sameAsPlain: false,
    of: (run) => ({ ...run, steps: run.steps.map(({ step, data }) => ({ step, data: change(step, data) })) }),
  };
}

function rescaled(name: string, metric: string, factor: number, offset: number): Variant {
  const change = (_: number, data: Data): Data => {
    const value = data[metric];
    return value === undefined ? data : { ...data, [metric]: factor * value + offset };
  };
  return { ...changed(name, change), sameAsPlain: true };
}

function rareScore(every: number): Variant {
  return changed(`score every ${every} steps`, (step, data) => (step % every === 0 ? data : without(data, (metric) => metric === score)));
}

function thinned(every: number): Variant {
  const name = `every ${every === 2 ? '2nd' : `${every}th`} step logged`;
  return { name, sameAsPlain: false, of: (run) => ({ ...run, steps: run.steps.filter(({ step }) => step % every === 0) }) };
}

/** What a healthy run is called from which a metric is missing is not for the label to say. */
function blind(name: string, change: (data: Data) => Data): Variant {
  const variant = changed(name, (_, data) => change(data));
  return {
    ...variant,
    of: (run) => {
      const { finalState, ...others } = variant.of(run);
      return { ...others, finalState: run.collapse === null ? null : finalState };
    },
  };
}

function without(data: Data, leaveOut: (metric: string) => boolean): Data {
  return Object.fromEntries(Object.entries(data).filter(([metric]) => !leaveOut(metric)));
}
