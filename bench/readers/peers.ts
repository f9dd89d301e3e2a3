import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Packages whose readers we are measured against; wandb's later versions have no reader in Python any more. */
export const pinned = { tensorboard: '2.21.0', wandb: '0.21.4' } as const;
const packages = [`tensorboard==${pinned.tensorboard}`, `wandb==${pinned.wandb}`, 'numpy', 'protobuf<7', 'setuptools'];

export interface PeerTime {
  readonly values: number;
  readonly seconds: number;
}

/** Readers of other programs, in an environment of their own in .cache/, which the first use makes. */
export class Peers {
  private readonly program: string;
  private readonly folder: string;
  /** Why there are none; undefined: not tried, or there are. */
  private problem: string | undefined;
  private isReady = false;

  constructor(private readonly root: string) {
    this.folder = path.join(root, '.cache', `readers-peers-${pinned.tensorboard}-${pinned.wandb}`);
    this.program = path.join(this.folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  }

  /** How long a peer takes for a file; a text: why that cannot be said. */
  time(kind: 'tensorboard' | 'wandb' | 'regex', place: string): PeerTime | string {
    this.isReady ||= this.setUp();
    if (this.problem !== undefined) return this.problem;
    const { stdout, stderr, status } = spawnSync(this.program, [path.join(this.root, 'bench/readers/peers.py'), kind, place], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (status !== 0) return `${kind} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`;
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerTime;
  }

  /** Returns true: it is not tried twice. */
  private setUp(): true {
    if (existsSync(this.program)) return true;
    console.error(`installing ${packages.join(', ')} into ${path.relative(this.root, this.folder)}…`);
    const steps = [
      ['python3', '-m', 'venv', this.folder],
      [this.program, '-m', 'pip', 'install', '--quiet', ...packages],
    ] as const;
    for (const [program, ...values] of steps) {
      const { status, error, stderr } = spawnSync(program, values, { encoding: 'utf8' });
      if (status === 0) continue;
      this.problem = `no Python peers: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? 'unknown'}`;
      break;
    }
    return true;
  }
}
