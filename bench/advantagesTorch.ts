import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { groupSize, type Float32Batch } from './advantagesBatch.ts';
import { benchPython, torchEnvironment } from './python.ts';

const script = fileURLToPath(new URL('../bench/advantages_torch.py', import.meta.url));

/** PyTorch with one thread in a Python process, on the same batch; it stays up, so that repeats can alternate. */
export class TorchAdvantages {
  private readonly answers: AsyncIterator<string>;
  private errors = '';

  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcessWithoutNullStreams,
    lines: Interface,
  ) {
    this.answers = lines[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => (this.errors += error.message));
  }

  /** Throws when this machine's Python cannot run PyTorch. */
  static async start({
    batch,
    length,
    tokenRewards,
    mask,
    logProbs,
    sumPiSquared,
  }: Float32Batch): Promise<{ peer: TorchAdvantages; version: string }> {
    const folder = await mkdtemp(path.join(tmpdir(), 'otb-bench-'));
    await writeFile(path.join(folder, 'batch.bin'), [tokenRewards, logProbs, sumPiSquared, mask]);
    const child = spawn(benchPython(), [script, folder, String(batch), String(length), String(groupSize)], { env: torchEnvironment(1) });
    const peer = new TorchAdvantages(folder, child, createInterface({ input: child.stdout }));
    try {
      const { version } = await peer.answer<{ version: string }>();
      return { peer, version };
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** Milliseconds of one computation. */
  async milliseconds(): Promise<number> {
    this.child.stdin.write('run\n');
    return (await this.answer<{ milliseconds: number }>()).milliseconds;
  }

  /** What it last computed, [batch × length]. */
  async advantages(): Promise<Float32Array> {
    this.child.stdin.write('save\n');
    await this.answer();
    const bytes = await readFile(path.join(this.folder, 'advantages.bin'));
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    this.child.kill();
    await rm(this.folder, { recursive: true });
  }

  private async answer<T>(): Promise<T> {
    const line = await this.answers.next();
    if (line.done) throw new Error(`its Python ended: ${this.errors.trim().split('\n').at(-1) ?? ''}`);
    return JSON.parse(line.value) as T;
  }
}
