import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import { createWasmEngine } from './wasmEngine.ts';
import { EngineContender } from './engineContender.ts';
import type { BenchRow } from './row.ts';
import { TorchContender } from './torchContender.ts';
import type { BenchResult } from './report.ts';
import { standardStep } from './setting.ts';

const steps = 5;

/** Peak resident memory of a process that trains the small transformer. Goes first: whatever ran before in this process counts. */
export async function benchMemory(threads: number, build: KernelBuild): Promise<BenchResult> {
  const engine = await createWasmEngine(threads, build);
  const parameters = engine.readParameters();
  const ours = new EngineContender(engine.name, engine, standardStep);
  for (let i = 0; i < steps; i++) await ours.step();
  await ours.close();
  const megabytes = process.resourceUsage().maxRSS / 1024;
  try {
    const peer = await TorchContender.start(parameters, standardStep, threads);
    for (let i = 0; i < steps; i++) await peer.step();
    const theirs = await peer.megabytes();
    await peer.close();
    const row: BenchRow = {
      name: 'peak memory of a training process',
      ours: megabytes,
      peer: peer.name,
      theirs,
      ratio: megabytes / theirs,
      unit: 'MiB, less is better',
    };
    return { rows: [row], notes: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { rows: [], notes: [`PyTorch is left out: ${reason} Our process peaks at ${megabytes.toFixed(0)} MiB.`] };
  }
}
