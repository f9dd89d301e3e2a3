import { lowerBound } from '../../src/core/panel/search.ts';
import type { ChartModel, ChartRun } from '../chart/chartModel.ts';

/**
 * The values of a chart that are in sight, as a table with tabs, which a spreadsheet takes in: a row a step, a column a run. On another
 * axis each run has its place on it in a column of its own. Empty: not logged; what is infinite had overflowed, or was logged as NaN.
 */
export function chartTable(model: ChartModel): string {
  const [from, to] = model.xRange ?? model.extent;
  const runs = model.series
    .flatMap((series) => series.runs)
    .map((run) => ({ run, first: lowerBound(run.data.x, from), end: endOf(run, to) }));
  const steps = new Set<number>();
  for (const { run, first, end } of runs) for (let row = first; row < end; row++) steps.add(run.data.steps[row] as number);
  const onSteps = model.x === 'step';
  const header = ['step', ...runs.flatMap(({ run: { label } }) => (onSteps ? [label] : [`${label} ${model.x}`, label]))];
  const cursors = runs.map(({ first }) => first);
  const lines = [...steps]
    .sort((a, b) => a - b)
    .map((step) => {
      const cells = runs.flatMap(({ run: { data }, end }, index) => {
        const row = cursors[index] as number;
        const isThere = row < end && data.steps[row] === step;
        if (isThere) cursors[index] = row + 1;
        const value = isThere ? cell(data.y[row] as number) : '';
        return onSteps ? [value] : [isThere ? cell(data.x[row] as number) : '', value];
      });
      return [String(step), ...cells].join('\t');
    });
  return `${[header.map((text) => text.replaceAll(/\s/g, ' ')).join('\t'), ...lines].join('\n')}\n`;
}

/** First row after `to`. */
function endOf({ data: { x } }: ChartRun, to: number): number {
  let end = lowerBound(x, to);
  while (end < x.length && (x[end] as number) <= to) end++;
  return end;
}

function cell(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}
