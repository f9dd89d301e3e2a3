import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../src/cli/packageRoot.ts';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OtbOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built command line, as a user starts it. */
export const otbEntry = path.join(packageRoot(), 'dist', 'otb.mjs');

/** Runs the built `otb` to its end. */
export function otb(args: readonly string[], options: OtbOptions = {}): Promise<Finished> {
  return startOtb(args, options).finished;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Waits until standard error has this in it. */
  readonly said: (what: RegExp) => Promise<void>;
}

/** Starts the built `otb`, for tests that do something to it while it runs. */
export function startOtb(args: readonly string[], { cwd, stdin = '', env = {} }: OtbOptions = {}): Started {
  const child = spawn(process.execPath, [otbEntry, ...args], { cwd, env: { ...process.env, OTB_DEBUG: '', ...env } });
  child.stdin.on('error', () => undefined).end(stdin);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const finished = Promise.all([exited, text(child.stdout)]).then(([code, stdout]) => ({ code, stdout, stderr }));
  return { child, finished, said: (what) => until(() => what.test(stderr)) };
}

/** Waits until something is true; gives up after a minute. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not so after a minute: ${condition.toString()}`);
    await delay(20);
  }
}

/** An empty folder that is gone after the test. */
export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-cli-'));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
