import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import type { ProcessIdentity } from '../../../src/core/records/run.ts';
import { processStartTime } from '../../../src/runs/process/processStartTime.ts';
import { newMark, treeVariables } from '../../../src/runs/process/processTree.ts';
import type { CommandTree } from '../../../src/runs/process/processTree.ts';
import { eventually, temporaryFolder } from '../exampleRun.ts';

/** A real command, started as a supervisor starts one. */
export interface StartedTree extends CommandTree {
  readonly leader: ProcessIdentity;
  readonly child: ChildProcess;
  /** Where its processes can write; `${…}` of the shell: `$OTB_RUN_DIR`. */
  readonly folder: string;
}

const started: number[] = [];
after(() => {
  for (const pid of started) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
});

/** Starts a shell script as a command. It runs with its run directory as its working directory. */
export async function startTree(script: string): Promise<StartedTree> {
  const mark = newMark();
  const folder = temporaryFolder();
  const env = { ...process.env, [treeVariables.mark]: mark, [treeVariables.runDir]: folder };
  const child = spawn('sh', ['-c', script], { cwd: folder, env, detached: true, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  started.push(pid);
  return { mark, folder, child, leader: { pid, processStartTime: await processStartTime(pid) } };
}

/**
 * Shell words of a program that writes its pid into a file NAME, when it is ready, and each signal that it gets into NAME.got; those
 * named do not end it.
 */
export function listener(name: string, ...ignored: readonly string[]): string {
  const file = path.join(temporaryFolder(), 'listener.cjs');
  writeFileSync(
    file,
    `const fs = require('node:fs');
const [name, ...ignored] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    fs.appendFileSync(name + '.got', signal + '\\n');
    if (!ignored.includes(signal)) process.exit(0);
  });
setInterval(() => {}, 1000);
fs.writeFileSync(name + '.new', String(process.pid));
fs.renameSync(name + '.new', name);
`,
  );
  return [process.execPath, file, name, ...ignored].join(' ');
}

/** What a process has written into a file of the folder, once it has: a file is there, and empty, before its content is. */
export async function writtenIn(folder: string, name: string): Promise<string> {
  const file = path.join(folder, name);
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '', `${name} is there`);
  return readFileSync(file, 'utf8').trim();
}

/** The pid that a process has written into a file of the folder, once it has. */
export async function pidIn(folder: string, name: string): Promise<number> {
  const pid = Number(await writtenIn(folder, name));
  started.push(pid);
  return pid;
}

/** The signals that a listener got, in their order. */
export function signalsOf(folder: string, name: string): readonly string[] {
  const file = path.join(folder, `${name}.got`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

export async function isAlive(pid: number): Promise<boolean> {
  return (await processStartTime(pid)) !== null;
}
