import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { endless, tinyConfig } from '../cli/tinyConfig.ts';
import { until } from './harness/until.ts';
import type { Window } from './harness/window.ts';

/** A config whose runs go on until they are stopped, changed as given. */
export function endlessConfig(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...tinyConfig, ...endless, ...changes }, null, 2);
}

/** A run as its files tell of it. */
export interface RunOnDisk {
  readonly dir: string;
  readonly pid: number;
  readonly estimator: string;
  readonly group: string;
  readonly cwd: string;
}

export function runsDir(window: Window): string {
  return window.file('.otb/runs');
}

/** The runs that have begun, in the order of their names. */
export function runsOf(window: Window): readonly RunOnDisk[] {
  const folder = runsDir(window);
  if (!existsSync(folder)) return [];
  const dirs = readdirSync(folder).map((name) => path.join(folder, name));
  return dirs.sort().flatMap((dir): RunOnDisk[] => {
    const file = path.join(dir, 'run.json');
    return existsSync(file) ? [{ ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<RunOnDisk, 'dir'>), dir }] : [];
  });
}

export function begun(window: Window, count: number): Promise<readonly RunOnDisk[]> {
  return until(`${count} runs to begin`, () => {
    const runs = runsOf(window);
    return runs.length >= count && runs;
  });
}

/** Steps that a run has logged. */
export function stepsOf(dir: string): number {
  const file = path.join(dir, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

export async function goesOn(dir: string): Promise<void> {
  const before = stepsOf(dir);
  await until(`a further step of ${dir}`, () => stepsOf(dir) > before);
}

export function exitOf(dir: string): { readonly reason: string; readonly message: string } | undefined {
  const file = path.join(dir, 'exit.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { reason: string; message: string }) : undefined;
}

export function ended(dir: string): Promise<{ readonly reason: string }> {
  return until(`${dir} to end`, () => exitOf(dir));
}

/** A pid's parent, process group and session, from proc_pid_stat(5). */
export function family(pid: number): { readonly parent: number; readonly group: number; readonly session: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, parent, group, session] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  assert.ok(parent !== undefined && group !== undefined && session !== undefined);
  return { parent, group, session };
}

/** Stops everything that a test has started. */
export async function stopAll(window: Window): Promise<void> {
  const groups = [...new Set(runsOf(window).map(({ group }) => group))];
  for (const group of groups) {
    await window.host.evaluate(
      (vscode, folder, name) => vscode.commands.executeCommand('otb.stopGroup', { kind: 'group', runsDir: folder, group: name }),
      runsDir(window),
      group,
    );
  }
  for (const { dir } of runsOf(window)) await ended(dir);
}
