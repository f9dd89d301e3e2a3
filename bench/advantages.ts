import { optimalTokenBaseline } from '../src/core/estimators/optimalTokenBaseline.ts';
import { quantile } from '../src/core/statistics/quantiles.ts';
import { createBatch, type BatchKind, type Float32Batch } from './advantagesBatch.ts';
import { TorchAdvantages } from './advantagesTorch.ts';
import type { BenchResult } from './report.ts';
import type { BenchRow } from './row.ts';

const repeats = 9;
/** PyTorch sums in float32. */
const tolerance = 1e-4;
const kinds: readonly BatchKind[] = [
  { name: 'single-turn', ragged: true, tools: false },
  { name: 'multi-turn', ragged: true, tools: true },
  { name: 'every response at the limit', ragged: false, tools: false },
];

/**
 * The optimal token baseline on 1,024 responses of up to 8,192 tokens, one thread, against a plain copy of its inputs into new
 * arrays and against PyTorch.
 */
export async function benchAdvantages(): Promise<BenchResult> {
  const results: BenchResult[] = [];
  for (const kind of kinds) results.push(await benchKind(kind));
  return { rows: results.flatMap(({ rows }) => rows), notes: [...new Set(results.flatMap(({ notes }) => notes))] };
}

async function benchKind(kind: BatchKind): Promise<BenchResult> {
  const batch = createBatch(kind);
  const advantages = new Float32Array(batch.mask.length);
  const ours = (): number => time(() => optimalTokenBaseline(batch, advantages));
  ours();
  const torch = await startTorch(batch, advantages);
  const times: Record<'ours' | 'copy' | 'torch', number[]> = { ours: [], copy: [], torch: [] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    times.ours.push(ours());
    times.copy.push(time(() => copyInputs(batch)));
    if (torch.peer) times.torch.push(await torch.peer.milliseconds());
  }
  await torch.peer?.close();
  const row = (peer: string, theirs: readonly number[]): BenchRow => {
    const [our, their] = [median(times.ours), median(theirs)];
    return {
      name: `optimal_token_baseline on 1,024 × 8,192 tokens, ${kind.name}`,
      ours: our,
      peer,
      theirs: their,
      ratio: our / their,
      unit: 'ms, less is better',
    };
  };
  const copyRow = row('plain copy of its inputs', times.copy);
  return torch.peer ? { rows: [copyRow, row(torch.name, times.torch)], notes: [] } : { rows: [copyRow], notes: [torch.reason] };
}

type Torch = { readonly peer: TorchAdvantages; readonly name: string } | { readonly peer?: undefined; readonly reason: string };

/** Warms it up and holds its advantages against ours: only the same work may be timed against each other. */
async function startTorch(batch: Float32Batch, advantages: Float32Array): Promise<Torch> {
  try {
    const { peer, version } = await TorchAdvantages.start(batch);
    await peer.milliseconds();
    const theirs = await peer.advantages();
    const worst = advantages.reduce((largest, advantage, at) => Math.max(largest, Math.abs(advantage - theirs[at]!)), 0);
    if (worst <= tolerance) return { peer, name: `PyTorch ${version}, 1 thread` };
    await peer.close();
    return { reason: `PyTorch is left out of the advantages: it disagrees with ours by ${worst}.` };
  } catch (error) {
    return { reason: `PyTorch is left out of the advantages: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function copyInputs({ tokenRewards, mask, logProbs, sumPiSquared }: Float32Batch): readonly ArrayBufferView[] {
  return [tokenRewards.slice(), mask.slice(), logProbs.slice(), sumPiSquared.slice()];
}

/** Milliseconds. */
function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
