import { execFile } from 'node:child_process';
import { LaunchError } from '../../runs/launcher/launchError.ts';
import type { Programs } from '../programs.ts';

/**
 * Runs the command line in a process of its own and gives its standard output, also where it exits with 1: then it says what does
 * not work. Throws a LaunchError with its last words where it says nothing. After `limitMs` it is killed; 0: never.
 */
export function runOtb({ node, otb, env }: Programs, args: readonly string[], limitMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, NO_COLOR: '1', ...env }, timeout: limitMs, maxBuffer: 16 << 20, windowsHide: true };
    execFile(node, [otb, ...args], options, (error, stdout, stderr) => {
      if (error === null || (error.code === 1 && stdout !== '')) return resolve(stdout);
      const words = stderr.trim();
      reject(new LaunchError(words === '' ? `otb ${args[0] ?? ''}: ${error.message}` : words.replace(/^otb: /, '')));
    });
  });
}
