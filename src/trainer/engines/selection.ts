import type { RunConfig } from '../../core/config/config.ts';
import { sequencesOf } from '../../core/memory/memoryNeed.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskSpec } from '../tasks/taskRegistry.ts';
import type { Engine } from './engine.ts';
import { compileKernels, type KernelBuild } from './wasm/kernelModule.ts';
import { WasmEngine } from './wasm/engine.ts';

/** Whether an engine works on this machine. */
export interface EngineProbe {
  readonly name: string;
  readonly usable: boolean;
  /** Why it is, or is not, usable, and then what to do about it. */
  readonly reason: string;
  /** What it would run on; null where it is not usable. */
  readonly device: string | null;
}

export interface EngineChoice {
  readonly engine: Engine;
  readonly reason: string;
}

export interface EngineSite {
  /** Folder with the compiled kernels. */
  readonly kernelFolder: string;
  /** Module that runs a worker thread of the WASM engine. */
  readonly workerFile: string;
}

/** The engine that `auto` means: the same bits on every machine, which fused multiply-add does not promise. */
const defaultEngine = 'wasm-simd';
const wasmBuilds: Readonly<Record<string, KernelBuild>> = { 'wasm-simd': 'simd', 'wasm-relaxed-simd': 'relaxed-simd' };
const tfjsBackends = { 'tfjs-tensorflow': 'tensorflow', 'tfjs-wasm': 'wasm', 'tfjs-cpu': 'cpu' } as const;

const engineNames: readonly string[] = [...Object.keys(wasmBuilds), ...Object.keys(tfjsBackends)];

/** Makes the engine that was asked for. Never another one: if it cannot be used, throws with the reason and the remedy. */
export async function createEngine(name: string, task: Task, config: RunConfig, threads: number, site: EngineSite): Promise<EngineChoice> {
  const wanted = name === 'auto' ? defaultEngine : name;
  const reason =
    name === 'auto' ? 'default: needs nothing installed and gives the same bits on every machine' : `chosen by --engine ${name}`;
  const { policy, rollout, warmStart, seed } = config;
  const build = wasmBuilds[wanted];
  if (build) {
    const taskSpec: TaskSpec = { task: config.task, warmStart };
    const engine = await WasmEngine.create({
      ...site,
      policy,
      task,
      taskSpec,
      sequences: sequencesOf(config),
      maxResponseTokens: rollout.maxResponseTokens,
      threads,
      build,
      seed,
    });
    return { engine, reason };
  }
  if (wanted in tfjsBackends) {
    const { TfjsEngine } = await import('./tfjs/engine.ts');
    const backend = tfjsBackends[wanted as keyof typeof tfjsBackends];
    return { engine: await TfjsEngine.create({ backend, policy, task, maxResponseTokens: rollout.maxResponseTokens, seed }), reason };
  }
  throw new Error(`There is no engine "${name}". Use auto or one of ${engineNames.join(', ')}.`);
}

/** Tries every engine, best first. */
export async function probeEngines({ kernelFolder }: EngineSite): Promise<readonly EngineProbe[]> {
  const probes: EngineProbe[] = [];
  for (const [name, build] of Object.entries(wasmBuilds)) {
    try {
      compileKernels(kernelFolder, build);
      const why =
        name === defaultEngine
          ? 'The default: hand-derived kernels, the same bits on every machine.'
          : 'The default with fused multiply-add: faster, other last bits.';
      probes.push({ name, usable: true, reason: why, device: 'CPU' });
    } catch (error) {
      probes.push({ name, usable: false, reason: error instanceof Error ? error.message : String(error), device: null });
    }
  }
  const { probeTfjs } = await import('./tfjs/probe.ts');
  return [...probes, ...(await probeTfjs())];
}
