import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { clearRequest, isRequested } from '../../../src/runs/directory/control.ts';
import { listCheckpoints } from '../../../src/runs/directory/checkpoints.ts';
import { RunWriteError } from '../../../src/runs/directory/runDirectoryError.ts';
import { stepOf } from '../../../src/trainer/checkpoint.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/trainer/safetensors.ts';
import { mutatedBytes, mutatedText, mutatedValue, pick } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

const tensors = Buffer.from(
  encodeSafetensors(
    new Map([
      ['input.weight', { shape: [2, 3], values: new Float32Array([1, -2, 3.5, 4, 5, 6]) }],
      ['bias', { shape: [1], values: new Float32Array([7]) }],
    ]),
  ),
);
const headerBytes = Number(tensors.readBigUInt64LE(0));
const header = JSON.parse(tensors.toString('utf8', 8, 8 + headerBytes)) as unknown;
const state = { schemaVersion: 1, step: 120, random: { generator: 'xoshiro128**', seed: 1, step: 120 }, engine: 'wasm-simd', config: {} };

/** Errors whose message is the whole point; anything else is a slip of the reader. */
function refuses(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    agree(error.message !== '' && error.message.length < 200_000, 'a complaint says what is wrong');
  }
}

export const checkpointTargets: readonly FuzzTarget[] = [
  {
    name: 'safetensors',
    weight: 10,
    prepare(random) {
      let file: Buffer = tensors;
      if (random.chance(0.6)) {
        const json = Buffer.from(JSON.stringify(mutatedValue(random, header)) ?? '');
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(json.length));
        file = Buffer.concat([length, json, tensors.subarray(8 + headerBytes)]);
      }
      if (random.chance(0.6)) file = mutatedBytes(random, file, 1 << 20);
      return {
        size: file.length,
        run: () =>
          refuses(() => {
            const found = decodeSafetensors(file);
            let values = 0;
            for (const tensor of found.values()) values += tensor.values.length;
            agree(4 * values <= file.length, 'there are no more values than the file has');
          }),
      };
    },
  },
  {
    name: 'checkpoint states',
    weight: 6,
    prepare(random) {
      const value = JSON.stringify(mutatedValue(random, state)) ?? '';
      const text = random.chance(0.5) ? mutatedText(random, value, 1 << 20) : value;
      return { size: text.length, run: () => refuses(() => agree(stepOf(text) >= 0, 'a checkpoint has a step')) };
    },
  },
  {
    name: 'control and checkpoint names',
    weight: 0.5,
    prepare(random) {
      const names = Array.from({ length: random.integer(6) }, () =>
        mutatedText(random, pick(random, ['step-000120', 'step-000120.77.old', 'step-000120.77.tmp', 'stop', 'checkpoint']), 60).replaceAll(
          /[\0/]/g,
          '-',
        ),
      ).filter((name) => name !== '' && name !== '.' && name !== '..');
      return { size: names.length, run: () => useFolder(names) };
    },
  },
];

function useFolder(names: readonly string[]): void {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'otb-fuzz-'));
  try {
    for (const folder of ['checkpoints', 'control']) mkdirSync(path.join(dir, folder));
    for (const name of names) {
      try {
        mkdirSync(path.join(dir, 'checkpoints', name));
        writeFileSync(path.join(dir, 'control', name), name);
      } catch {
        // Too long for the file system, or there already.
      }
    }
    const steps = listCheckpoints(dir).map(({ step }) => step);
    agree(
      steps.every((step, index) => step >= 0 && (index === 0 || (steps[index - 1] ?? 0) <= step)),
      'checkpoints are in order of step',
    );
    for (const what of ['stop', 'checkpoint'] as const) {
      try {
        void isRequested(dir, what);
        clearRequest(dir, what);
        agree(!isRequested(dir, what), 'a request that was met is gone');
      } catch (error) {
        if (!(error instanceof RunWriteError)) throw error;
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
