import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
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
export async function otb(args: readonly string[], { cwd, stdin = '', env = {} }: OtbOptions = {}): Promise<Finished> {
  const child = spawn(process.execPath, [otbEntry, ...args], { cwd, env: { ...process.env, OTB_DEBUG: '', ...env } });
  child.stdin.on('error', () => undefined).end(stdin);
  const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [code, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** An empty folder that is gone after the test. */
export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-cli-'));
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
