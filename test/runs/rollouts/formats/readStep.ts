import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { Trajectory } from '../../../../src/core/records/trajectory.ts';
import type { RolloutSource } from '../../../../src/runs/rollouts/rolloutSource.ts';

/** All of a step; of what is malformed "line N …". */
export async function readStep(
  source: RolloutSource,
  step: number,
): Promise<{ trajectories: readonly Trajectory[]; malformed: readonly string[] }> {
  const [trajectories, malformed]: [Trajectory[], string[]] = [[], []];
  for await (const read of source.read(step)) {
    if (read.kind === 'trajectory') trajectories.push(read.trajectory);
    else malformed.push(`line ${read.line} ${read.problem}`);
  }
  return { trajectories, malformed };
}

/** A folder with these files, gone after the tests of the file. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-rollouts-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

/** Rows as lines of JSON. */
export function jsonl(...rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
