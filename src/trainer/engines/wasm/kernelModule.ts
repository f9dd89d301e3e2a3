import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Kernels } from '../../policies/policyProgram.ts';

/** Builds of the same kernels: relaxed SIMD fuses multiply and add, which changes the last bits and saves about a fifth. */
export type KernelBuild = 'simd' | 'relaxed-simd';

/** Compiles a build from `folder`. Throws when this Node cannot run it. */
export function compileKernels(folder: string, build: KernelBuild): WebAssembly.Module {
  // Node 20 has relaxed SIMD behind a flag; later versions need none, and may not know it any more.
  if (build === 'relaxed-simd' && process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new WebAssembly.Module(readFileSync(path.join(folder, build === 'simd' ? 'kernels.wasm' : 'kernels-relaxed.wasm')));
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('A WASM kernel aborted.');
  };
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as Kernels;
}
