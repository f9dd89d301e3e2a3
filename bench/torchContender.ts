import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Tensors } from '../src/trainer/engines/engine.ts';
import type { Agreement, Contender } from './contender.ts';
import { benchPython, torchEnvironment } from './python.ts';
import { fixedBatch, type StepSize } from './setting.ts';

const script = fileURLToPath(new URL('../bench/step_torch.py', import.meta.url));

/** PyTorch on the CPU in a Python process, with our parameters and our batch. */
export class TorchContender implements Contender {
  name = 'PyTorch';
  version = '';
  remark = '';
  private readonly answers: AsyncIterator<string>;
  private errors = '';

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    lines: Interface,
  ) {
    this.answers = lines[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    child.stdin.on('error', () => undefined);
  }

  /** `compiled`: through torch.compile, which needs a C++ compiler. Throws when there is no Python with PyTorch, or it cannot do that. */
  static async start(parameters: Tensors, size: StepSize, threads: number, compiled = false): Promise<TorchContender> {
    const folder = await mkdtemp(path.join(tmpdir(), 'otb-bench-'));
    try {
      const file = path.join(folder, 'step.bin');
      const { given, advantages } = fixedBatch(size);
      const arrays = [
        ...[...parameters.values()].map(({ values }) => values),
        Int32Array.from(given.flatMap(({ tokens }) => tokens)),
        advantages,
      ];
      await writeFile(file, Buffer.concat(arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength))));
      const child = spawn(benchPython(), [script], { env: torchEnvironment(threads) });
      const contender = new TorchContender(child, createInterface({ input: child.stdout }));
      child.on('error', (error) => (contender.errors += error.message));
      const tensors = [...parameters].map(([name, { shape }]) => ({ name, shape }));
      child.stdin.write(
        JSON.stringify({
          threads,
          compiled,
          heads: size.policy.heads,
          tensors,
          sequences: size.sequences,
          length: 1 + size.responseTokens,
          file,
        }) + '\n',
      );
      const { version, gigaflops } = await contender.answer<{ version: string; gigaflops: number }>();
      contender.version = version;
      contender.name = `PyTorch ${version}${compiled ? ' through torch.compile' : ''}, CPU, ${threads} thread${threads === 1 ? '' : 's'}`;
      contender.remark = `PyTorch multiplies matrices at ${gigaflops.toFixed(0)} GFLOP/s here.`;
      return contender;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  private async answer<T>(): Promise<T> {
    const line = await this.answers.next();
    if (line.done) throw new Error(`its Python ended: ${this.errors.trim().split('\n').at(-1) ?? ''}`);
    return JSON.parse(line.value) as T;
  }

  private ask<T>(operation: string): Promise<T> {
    this.child.stdin.write(operation + '\n');
    return this.answer<T>();
  }

  agreement(): Promise<Agreement> {
    return this.ask<Agreement>('agreement');
  }

  async sample(): Promise<number> {
    return (await this.ask<{ seconds: number }>('sample')).seconds;
  }

  async update(): Promise<number> {
    return (await this.ask<{ seconds: number }>('update')).seconds;
  }

  async step(): Promise<number> {
    return (await this.ask<{ seconds: number }>('step')).seconds;
  }

  /** Peak resident memory so far. */
  async megabytes(): Promise<number> {
    return (await this.ask<{ megabytes: number }>('memory')).megabytes;
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    this.child.kill();
  }
}
