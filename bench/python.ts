import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const tool = fileURLToPath(new URL('../tools/python.mjs', import.meta.url));
let known: string | undefined;

/**
 * The Python that has PyTorch: that of the environment of our Python package, whose lock file pins it. Makes the environment where there
 * is none, which takes some minutes and says so on stderr. Throws with what stands in the way, such as PyPI out of reach.
 */
export function benchPython(): string {
  if (known !== undefined) return known;
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, '--path'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.stderr.write(stderr);
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1) ?? 'there is no Python with PyTorch');
  return (known = stdout.trim());
}

/** What a Python with PyTorch is given. Threads that wait may spin for some milliseconds, as they do by default: it is faster so. */
export function torchEnvironment(threads: number): NodeJS.ProcessEnv {
  return { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
}
