// npm run bench:growth: an RL step of transformers of many sizes, ours and PyTorch's in turn, with one and two threads. Writes
// docs/GROWTH.md, its picture, and the data by which configs are told how PyTorch would do at their size.
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { costTerms, type Growth } from '../../src/core/growth/stepCost.ts';
import type { Contender } from '../contender.ts';
import { EngineContender } from '../engineContender.ts';
import { tokensOf } from '../setting.ts';
import { benchPython } from '../python.ts';
import { requireAgreement } from '../step.ts';
import { TorchContender } from '../torchContender.ts';
import { createWasmEngine } from '../wasmEngine.ts';
import { fastestBuild } from '../fastestBuild.ts';
import { crossings, growthPicture, growthTable, type GrowthPoint } from './document.ts';
import { fitCosts } from './fit.ts';
import { sizes, stepOf } from './sizes.ts';

/** At most, and no further one once a size has taken this many seconds. */
const repeats = 3;
const enoughSeconds = 8;
const threadCounts = [1, 2].filter((threads) => threads <= availableParallelism());
const methods = ['sample', 'step'] as const;

const load = loadavg()[0]!;
try {
  benchPython();
} catch (error) {
  console.error(
    `otb: nothing is measured, because there is no PyTorch to compare with: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exit(1);
}
const build = await fastestBuild(1);
const points: GrowthPoint[] = [];
let torchVersion = '';
for (const size of sizes) {
  for (const threads of threadCounts) {
    const step = stepOf(size);
    const engine = await createWasmEngine(threads, build, step);
    const ours = new EngineContender(engine.name, engine, step);
    const peer = await TorchContender.start(engine.readParameters(), step, threads);
    // Without what it was built for: "2.15.0+cu132".
    torchVersion = peer.version.split('+')[0]!;
    await requireAgreement(ours, peer);
    const best = await bestSeconds([ours, peer]);
    await ours.close();
    await peer.close();
    const speeds = best.map(({ sample, step: whole }) => ({ sample: tokensOf(step) / sample, step: tokensOf(step) / whole }));
    points.push({ ...size, sequences: step.sequences, threads, ours: speeds[0]!, torch: speeds[1]! });
    console.error(`width ${size.width}, ${size.layers} layers, ${size.tokens} tokens, threads ${threads}: ${ratioText(points.at(-1)!)}`);
  }
}

const fits = threadCounts.map((threads) => {
  const chosen = points.filter((point) => point.threads === threads);
  const terms = chosen.map(costTerms);
  const factors = (who: 'ours' | 'torch'): readonly number[] =>
    fitCosts(
      terms,
      chosen.map((point) => 1 / point[who].step),
    ).map((factor) => Number(factor.toPrecision(6)));
  return { threads, ours: factors('ours'), torch: factors('torch') };
});
const errors = points.map((point) => {
  const { ours, torch } = fits.find(({ threads }) => threads === point.threads)!;
  const cost = (factors: readonly number[]): number => costTerms(point).reduce((sum, term, i) => sum + term * factors[i]!, 0);
  return Math.abs(Math.log(cost(torch) / cost(ours) / (point.ours.step / point.torch.step)));
});
const worst = Math.exp(Math.max(...errors)) - 1;

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));
const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`;
const data: Growth = { machine, torch: torchVersion, error: Number(worst.toPrecision(3)), points: sizes, fits };
await writeFile(at('src/core/growth/growth.json'), JSON.stringify(data, null, 2) + '\n');
await writeFile(at('docs/growth.svg'), growthPicture(points).markup + '\n');
await writeFile(at('docs/GROWTH.md'), page());
console.log(growthTable(points).join('\n'));

/** The fastest of repeats that alternate, after one to warm up. */
async function bestSeconds(contenders: readonly Contender[]): Promise<readonly Record<(typeof methods)[number], number>[]> {
  const best = contenders.map(() => ({ sample: Infinity, step: Infinity }));
  const start = performance.now();
  for (const contender of contenders) await contender.step();
  for (let repeat = 0; repeat < repeats && (repeat === 0 || performance.now() - start < 1000 * enoughSeconds); repeat++) {
    for (const method of methods) {
      for (const [index, contender] of contenders.entries()) {
        best[index]![method] = Math.min(best[index]![method], await contender[method]());
      }
    }
  }
  return best;
}

function ratioText({ ours, torch }: GrowthPoint): string {
  return `${(ours.step / torch.step).toFixed(2)} × PyTorch`;
}

function page(): string {
  return [
    '# How a step grows',
    '',
    `Made by \`npm run bench:growth\` on ${new Date().toISOString().slice(0, 10)}; it writes this file, its picture, and the data by which`,
    '`otb doctor CONFIG` and the hover of a config say how PyTorch would do at the configured size.',
    '',
    `- Machine: ${machine}; load ${load.toFixed(1)} before the start; Node ${process.version}`,
    `- Ours: wasm-${build}. Theirs: PyTorch ${torchVersion} on the CPU, eager, with the same threads.`,
    `- Tokens a second, the fastest of up to ${repeats} repeats that alternate. A step samples all responses and updates on them. Large sizes have`,
    '  fewer responses, so that a step takes some seconds at most; vocabulary 48, heads of 32. Loss and gradient norm of one batch agree to',
    '  1e-4 before the clock starts.',
    `- Between the sizes a sum of ${costTerms(points[0]!).length} terms is fitted to the seconds of a token; its ratio is off by ${(100 * worst).toFixed(0)} % at worst at what was measured.`,
    '',
    '![Times as fast as PyTorch, by width, layers and tokens](growth.svg)',
    '',
    ...crossings(points).map((line) => `- ${line}`),
    '',
    ...growthTable(points),
    '',
  ].join('\n');
}
