import { integerText, listText, quantityText } from '../../src/core/notation.ts';
import { median } from '../../src/core/statistics/quantiles.ts';
import { samplingStride } from '../../src/core/panel/curve.ts';
import type { XAxisKind } from '../../src/core/panel/view.ts';
import { fromAxis, loggedText } from './readouts.ts';
import type { ChartModel, ChartRun, ChartSeries } from './chartModel.ts';

/** Samples of a run from which its median is estimated. */
const mostSamples = 256;

/**
 * The chart in words: a sentence for each series, with the last, median and highest value of each of its runs and its onset. `log`:
 * its vertical axis is logarithmic; told is what stands on it, from the curves that are drawn anyway.
 */
export function describeChart(model: ChartModel, log: boolean): string {
  const shown = model.series.filter(({ runs }) => runs.some((run) => run.data.length > 0));
  if (shown.length === 0) return `${model.heading}: no data yet.`;
  return `${model.heading} against ${model.xHeading.toLowerCase()}. ${shown.map((series) => describeSeries(series, model, log)).join(' ')}`;
}

function describeSeries({ name, runs }: ChartSeries, { x, comparedAs }: ChartModel, log: boolean): string {
  const counted = runs.filter(({ isRepeat = false }) => !isRepeat);
  const facts = counted.map((run) => factsOf(run, log)).filter((fact) => fact !== null);
  const [first] = facts;
  if (first === undefined) return `${name}: no data yet.`;
  const several = facts.length > 1;
  const last = loggedText(median(facts.map((fact) => fact.last)), comparedAs);
  const typical = loggedText(median(facts.map((fact) => fact.median)), comparedAs);
  const highest = loggedText(Math.max(...facts.map((fact) => fact.highest)), comparedAs);
  const onsets = facts.flatMap(({ onset }) => (onset === null ? [] : [onset])).toSorted((a, b) => a - b);
  const collapsed = several ? `${onsets.length} of ${facts.length} runs collapsed, ` : 'collapsed, ';
  const onset =
    onsets.length === 0
      ? several
        ? 'no run collapsed'
        : 'no collapse'
      : `${collapsed}onset at ${listText(onsets.map((at) => placeText(x, at)))}`;
  const end = `(step ${Math.max(...facts.map((fact) => fact.lastStep))})`;
  const medians = several
    ? `${facts.length} runs, median last value ${last} ${end}, median ${typical}`
    : `last value ${last} ${end}, median ${typical}`;
  return `${name}: ${medians}, highest ${highest}; ${onset}.`;
}

interface Facts {
  readonly last: number;
  readonly lastStep: number;
  readonly median: number;
  readonly highest: number;
  readonly onset: number | null;
}

function factsOf({ data, onset }: ChartRun, log: boolean): Facts | null {
  const { values, rows, zeros, pyramid, infinite } = data.curve({ log });
  const count = values.length + zeros.length;
  if (count === 0) return null;
  const lastRow = Math.max(rows.at(-1) ?? -1, zeros.at(-1) ?? -1);
  const stride = samplingStride(count, mostSamples);
  // Whichever zeros a log axis has come first: their order does not matter to a median.
  const sample = Array.from({ length: Math.ceil(count / stride) }, (_, index) => values[index * stride - zeros.length] ?? -Infinity);
  return {
    last: data.y[lastRow] as number,
    lastStep: data.steps[lastRow] as number,
    median: fromAxis(median(sample), log),
    highest: infinite.some((point) => values[point] === Infinity) ? Infinity : fromAxis(pyramid.extremes(0, values.length).high, log),
    onset,
  };
}

/** "231" for a step, "1.24·10⁶ tokens", "12.5 minutes". */
function placeText(x: XAxisKind, at: number): string {
  if (x === 'step') return integerText(at);
  return x === 'tokens' ? `${quantityText(at)} tokens` : `${quantityText(at / 60)} minutes`;
}
