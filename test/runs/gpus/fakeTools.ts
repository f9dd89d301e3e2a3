import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../exampleRun.ts';

/** A GPU as a fake nvidia-smi tells of it; MiB. */
export interface FakeGpu {
  readonly used?: number;
  readonly total?: number;
  readonly utilization?: number | string;
  readonly display?: boolean;
  /** Pids, with MiB of each. */
  readonly processes?: Readonly<Record<number, number | string>>;
}

/** An environment in which `nvidia-smi` tells of these GPUs; `set` lets it tell of others. */
export function fakeNvidia(gpus: readonly FakeGpu[]): {
  readonly env: NodeJS.ProcessEnv;
  readonly set: (gpus: readonly FakeGpu[]) => void;
} {
  const folder = temporaryFolder();
  const set = (now: readonly FakeGpu[]): void => {
    const rows = now.map(({ used = 4, total = 81_559, utilization = 0, display = false }, index) =>
      [
        index,
        uuidOf(index),
        'NVIDIA H100 80GB HBM3',
        '550.54.15',
        utilization,
        used,
        total,
        '69.95',
        31,
        display ? 'Enabled' : 'Disabled',
      ].join(', '),
    );
    const processes = now.flatMap(({ processes = {} }, index) =>
      Object.entries(processes).map(([pid, memory]) => `${uuidOf(index)}, ${pid}, ${memory}, /opt/conda/bin/python3`),
    );
    const header =
      'index, uuid, name, driver_version, utilization.gpu [%], memory.used [MiB], memory.total [MiB], power.draw [W], temperature.gpu, display_active';
    writeFileSync(path.join(folder, 'gpus'), [header, ...rows, ''].join('\n'));
    writeFileSync(path.join(folder, 'processes'), ['gpu_uuid, pid, used_gpu_memory [MiB], process_name', ...processes, ''].join('\n'));
  };
  set(gpus);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeTool(bin, 'nvidia-smi', `case "$1" in --query-gpu=*) exec cat "${folder}/gpus";; *) exec cat "${folder}/processes";; esac`);
  return { env: { PATH: `${bin}:/bin:/usr/bin`, OTB_GPU_LEASES_DIR: path.join(folder, 'leases') }, set };
}

/** "GPU-3a1f9e02-…-0". */
export function uuidOf(index: number): string {
  return `GPU-3a1f9e0${index}-0000-4b8a-9e2d-000000000000`;
}

/** An environment with nothing but these tools on its PATH, by name: a shell script each. */
export function withTools(tools: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(tools)) writeTool(folder, name, script);
  return { PATH: `${folder}:/bin:/usr/bin` };
}

function writeTool(folder: string, name: string, script: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}
