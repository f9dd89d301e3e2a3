import { version_core } from '@tensorflow/tfjs-core';
import { quantile } from '../src/core/statistics/quantiles.ts';
import { TfjsEngine } from '../src/trainer/engines/tfjs/engine.ts';
import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import type { Contender } from './contender.ts';
import { createWasmEngine } from './wasmEngine.ts';
import { EngineContender } from './engineContender.ts';
import { freeTask } from './freeTask.ts';
import type { BenchResult } from './report.ts';
import type { BenchRow } from './row.ts';
import { standardStep, tokensOf } from './setting.ts';
import { TorchContender } from './torchContender.ts';

const repeats = { torch: 9, tfjs: 3 };
const tolerance = 1e-4;
const measures = [
  { name: 'RL step: sample and update', method: 'step' },
  { name: 'sampling', method: 'sample' },
  { name: 'update on given tokens', method: 'update' },
] as const;

/** A reinforcement-learning step of the small transformer on our default engine against its peers, in turn. */
export async function benchStep(threads: number, build: KernelBuild): Promise<BenchResult> {
  const engine = await createWasmEngine(threads, build);
  const parameters = engine.readParameters();
  const ours = new EngineContender(`${engine.name}, ${engine.device}`, engine, standardStep);
  const rows: BenchRow[] = [];
  const notes: string[] = [`Ours in the step benchmarks: ${ours.name}.`];
  const against = async (label: string, start: () => Promise<Contender>, times: number): Promise<void> => {
    let peer: Contender;
    try {
      peer = await start();
    } catch (error) {
      notes.push(`${label} is left out: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (peer.remark) notes.push(peer.remark);
    engine.writeParameters(parameters);
    await requireAgreement(ours, peer);
    for (const { name, method } of measures) rows.push(await compare(name, ours, peer, method, times));
    await peer.close();
  };
  await against('PyTorch', () => TorchContender.start(parameters, standardStep, threads), repeats.torch);
  await against('PyTorch through torch.compile', () => TorchContender.start(parameters, standardStep, threads, true), repeats.torch);
  for (const backend of ['wasm', 'tensorflow'] as const)
    await against(
      `TensorFlow.js, ${backend},`,
      async () => {
        const peer = await TfjsEngine.create({
          backend,
          policy: standardStep.policy,
          task: freeTask,
          maxResponseTokens: standardStep.responseTokens,
          seed: 1,
        });
        peer.writeParameters(parameters);
        return new EngineContender(`TensorFlow.js ${version_core}, ${backend}, ${peer.device}`, peer, standardStep);
      },
      repeats.tfjs,
    );
  await ours.close();
  return { rows, notes };
}

/** Only the same work may be timed against each other. */
export async function requireAgreement(ours: Contender, peer: Contender): Promise<void> {
  const [a, b] = [await ours.agreement(), await peer.agreement()];
  for (const key of ['loss', 'gradNorm'] as const) {
    const difference = Math.abs(a[key] - b[key]) / Math.abs(b[key]);
    if (!(difference <= tolerance)) throw new Error(`${peer.name} disagrees: ${key} ${b[key]}, ours ${a[key]}.`);
  }
}

/** Medians over repeats that alternate, after one round of warming up. */
async function compare(
  name: string,
  ours: Contender,
  peer: Contender,
  method: 'step' | 'sample' | 'update',
  times: number,
): Promise<BenchRow> {
  await ours[method]();
  await peer[method]();
  const seconds: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let i = 0; i < times; i++) {
    seconds.ours.push(await ours[method]());
    seconds.theirs.push(await peer[method]());
  }
  const [a, b] = [seconds.ours, seconds.theirs].map((each) => tokensOf(standardStep) / quantile(each, 0.5)) as [number, number];
  return { name, ours: a, peer: peer.name, theirs: b, ratio: a / b, unit: 'tokens/s, more is better' };
}
