import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';

/** Twelve chains hide the latency of what they do; with their two operands they fit the registers that V8 has. */
const chains = Array.from({ length: 12 }, (_, i) => `x${i}`);
const flopsPerTurn = chains.length * 4 * 2;
const turns = 2_000_000;

/** x ← x · s + b in registers alone: as fast as WebAssembly multiplies and adds here, whatever it is for. */
function source(build: KernelBuild): string {
  const step = (x: string): string =>
    build === 'simd' ? `${x} = f32x4.add(f32x4.mul(${x}, s), b);` : `${x} = f32x4.relaxed_madd(${x}, s, b);`;
  return `
    export function run(turns: i32): f32 {
      const s = f32x4.splat(0.5), b = f32x4.splat(0.25);
      ${chains.map((x, i) => `let ${x} = f32x4.splat(${i + 1});`).join('\n')}
      for (let i = 0; i < turns; i++) { ${chains.map(step).join('\n')} }
      return f32x4.extract_lane(${chains.reduce((sum, x) => `f32x4.add(${sum}, ${x})`)}, 0);
    }`;
}

/** Gigaflops of one thread. Compiles a kernel for it, which takes some seconds; this Node must be able to run the build. */
export function ceilingGigaflops(build: KernelBuild): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-ceiling-'));
  try {
    const [entry, out] = [path.join(folder, 'ceiling.ts'), path.join(folder, 'ceiling.wasm')];
    writeFileSync(entry, source(build));
    const asc = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
    const flags = ['-O3', '--runtime', 'stub', '--enable', 'simd', ...(build === 'simd' ? [] : ['--enable', 'relaxed-simd'])];
    const { status, stderr } = spawnSync(process.execPath, [asc, entry, '-o', out, ...flags], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`The kernel that measures the ceiling does not compile: ${stderr}`);
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(out)), {}).exports as { run: (turns: number) => number };
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < 20; repeat++) {
      const start = performance.now();
      run(turns);
      best = Math.min(best, performance.now() - start);
    }
    return (turns * flopsPerTurn) / best / 1e6;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
