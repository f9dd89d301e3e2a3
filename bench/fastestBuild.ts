import { fastestOf } from '../src/trainer/engines/fastest.ts';
import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import { EngineContender } from './engineContender.ts';
import { standardStep, tokensOf } from './setting.ts';
import { createWasmEngine } from './wasmEngine.ts';

const repeats = 6;
const builds: readonly KernelBuild[] = ['simd', 'relaxed-simd'];

/** The build that `--engine auto` takes at the size of the benchmark's step, by the same rule. */
export async function fastestBuild(threads: number): Promise<KernelBuild> {
  const engines = await Promise.all(builds.map((build) => createWasmEngine(threads, build)));
  const contenders = engines.map((engine) => new EngineContender(engine.name, engine, standardStep));
  const best = contenders.map(() => Infinity);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [index, contender] of contenders.entries()) best[index] = Math.min(best[index]!, await contender.step());
  }
  for (const contender of contenders) await contender.close();
  const speeds = contenders.map(({ name }, index) => ({ name, tokensPerSecond: tokensOf(standardStep) / best[index]! }));
  const { name } = fastestOf({ at: 'at this size', speeds });
  return builds.find((build) => name === `wasm-${build}`)!;
}
