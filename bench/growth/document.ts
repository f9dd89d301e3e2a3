import { axis } from '../../src/core/figure/axis.ts';
import { figureDocument } from '../../src/core/figure/document.ts';
import { boldLine } from '../../src/core/figure/marks.ts';
import { element, type Markup } from '../../src/core/figure/markup.ts';
import { drawPanel } from '../../src/core/figure/panel.ts';
import type { StepShape } from '../../src/core/growth/stepCost.ts';
import { counted, integerText } from '../../src/core/notation.ts';

/** Tokens a second at one size, with one number of threads. */
export interface GrowthPoint extends StepShape {
  readonly threads: number;
  readonly ours: { readonly sample: number; readonly step: number };
  readonly torch: { readonly sample: number; readonly step: number };
}

const panels = [
  { key: 'width', heading: 'Width (2 layers, 64 tokens)' },
  { key: 'layers', heading: 'Layers (width 64, 64 tokens)' },
  { key: 'tokens', heading: 'Tokens of a response (width 64, 2 layers)' },
] as const;
const base = { width: 64, layers: 2, tokens: 64 } as const;
const plot = { width: 300, height: 220, top: 78, left: 52, between: 62 };
const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

/** How many times as fast as PyTorch a step is, by each of what makes it large: a line above 1 is ours to win. */
export function growthPicture(points: readonly GrowthPoint[]): Markup {
  const ratios = points.map(({ ours, torch }) => ours.step / torch.step);
  const domain = [Math.min(0.8, ...ratios) / 1.15, Math.max(1.25, ...ratios) * 1.15] as const;
  const drawn = panels.map(({ key, heading }, index) => {
    const frame = { x: plot.left + index * (plot.width + plot.between), y: plot.top, width: plot.width, height: plot.height };
    const chosen = axisPoints(key, points);
    const values = [...new Set(chosen.map((point) => point[key]))];
    const xAxis = axis('log', [values[0]!, values.at(-1)!], [frame.x + 10, frame.x + frame.width - 10], values);
    const yAxis = axis('log', domain, [frame.y + frame.height, frame.y], ticks);
    const lines = [1, 2].map((threads) => {
      const line = chosen
        .filter((point) => point.threads === threads)
        .map((point) => ({ x: point[key], y: point.ours.step / point.torch.step }));
      return boldLine([line], xAxis, yAxis, threads === 1 ? '5 4' : undefined);
    });
    const even = element('line', { class: 'axis', x1: frame.x, x2: frame.x + frame.width, y1: yAxis.position(1), y2: yAxis.position(1) });
    return drawPanel({ frame, heading, xTitle: key, xAxis, yAxis, id: `growth-${key}`, headroom: 12 }, [even, ...lines], []);
  });
  const about = 'Solid: two threads; dashed: one. Above the line at 1 the built-in trainer is the faster one, below it PyTorch.';
  const note = element('text', { class: 'muted', x: plot.left, y: 46 }, about);
  return figureDocument(
    {
      title: 'An RL step: times as fast as PyTorch',
      description: about,
      theme: 'auto',
      id: 'growth',
      width: plot.left + 3 * plot.width + 2 * plot.between + 20,
      height: plot.top + plot.height + 50,
      left: plot.left,
    },
    note,
    ...drawn,
  );
}

/** Where along each axis ours stops being the faster one, as sentences; and the sizes beside the axes at which it is not. */
export function crossings(points: readonly GrowthPoint[]): readonly string[] {
  const threads = [...new Set(points.map((point) => point.threads))];
  const along = panels.flatMap((panel) => threads.map((count) => crossing(panel, count, points)));
  const corners = points.filter((point) => panels.filter(({ key }) => point[key] !== base[key]).length > 1);
  const beside = corners.map(({ width, layers, tokens, threads: count, ours, torch }) => {
    const size = `Width ${integerText(width)}, ${integerText(layers)} layers, ${integerText(tokens)} tokens, ${counted(count, 'thread')}`;
    return `${size}: ${comparison(ours.step / torch.step)}`;
  });
  return [...along, ...beside];
}

function crossing({ key, heading }: (typeof panels)[number], threads: number, points: readonly GrowthPoint[]): string {
  const line = axisPoints(key, points)
    .filter((point) => point.threads === threads)
    .map((point) => ({ at: point[key], ratio: point.ours.step / point.torch.step }));
  const start = `${heading}, ${counted(threads, 'thread')}`;
  const end = line.at(-1)!;
  const lost = line.findIndex(({ ratio }) => ratio < 1);
  if (lost < 0)
    return `${start}: ours is the faster one up to ${integerText(end.at)}, the largest measured; there ${comparison(end.ratio)}`;
  if (lost === 0) return `${start}: PyTorch is the faster one from ${integerText(line[0]!.at)} on, the smallest measured.`;
  const [before, after] = [line[lost - 1]!, line[lost]!];
  const share = Math.log(before.ratio) / (Math.log(before.ratio) - Math.log(after.ratio));
  const at = Math.round(before.at * (after.at / before.at) ** share);
  return `${start}: ours stops being the faster one at about ${integerText(at)}; at ${integerText(end.at)} ${comparison(end.ratio)}`;
}

function comparison(ratio: number): string {
  return ratio >= 1 ? `ours is ${ratio.toFixed(2)} × as fast.` : `PyTorch is ${(1 / ratio).toFixed(2)} × as fast.`;
}

/** Those that differ from the base in one number alone, by size. */
function axisPoints(key: (typeof panels)[number]['key'], points: readonly GrowthPoint[]): readonly GrowthPoint[] {
  const others = panels.map((panel) => panel.key).filter((other) => other !== key);
  return points.filter((point) => others.every((other) => point[other] === base[other])).sort((a, b) => a[key] - b[key]);
}

const header = [
  'width',
  'layers',
  'tokens',
  'responses',
  'threads',
  'step, ours',
  'step, PyTorch',
  'ratio',
  'sampling, ours',
  'sampling, PyTorch',
  'ratio',
];

/** Lines of Markdown. */
export function growthTable(points: readonly GrowthPoint[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = points.map(({ width, layers, tokens, sequences, threads, ours, torch }) => [
    ...[width, layers, tokens, sequences, threads].map(integerText),
    ...(['step', 'sample'] as const).flatMap((key) => [
      Math.round(ours[key]).toLocaleString('en-US'),
      Math.round(torch[key]).toLocaleString('en-US'),
      (ours[key] / torch[key]).toFixed(2),
    ]),
  ]);
  return [line(header), line(header.map(() => '---:')), ...rows.map(line)];
}
