import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newMark, treeVariables } from '../../src/runs/process/processTree.ts';
import { LocalProgram } from '../../src/supervisor/localProgram.ts';
import type { ProgramEnding } from '../../src/supervisor/program.ts';
import { temporaryFolder } from '../runs/exampleRun.ts';

/** Runs a shell script as the command of a run; returns how it ended. */
async function run(
  script: string,
  env: Readonly<Record<string, string>> = {},
  whenItSpeaks: (program: LocalProgram) => void = () => undefined,
): Promise<ProgramEnding> {
  const [runDir, mark] = [temporaryFolder(), newMark()];
  const program = new LocalProgram({
    of: 'command',
    command: ['sh', '-c', script],
    cwd: runDir,
    env: { ...process.env, ...env, [treeVariables.mark]: mark },
    stop: { interruptSeconds: 30, terminateSeconds: 30 },
    mark,
    runDir,
    // Nobody is killed here, so that the guard starts nothing.
    entry: '/nowhere',
    python: 'python3',
    lastStep: () => 3,
    earlierStep: null,
    steps: null,
  });
  await program.start({ onOutput: () => whenItSpeaks(program), onNotice: () => undefined });
  return (await program.ended).describe();
}

describe('a command of this machine', { skip: process.platform === 'win32' }, () => {
  it('is told of with its last words, in which there is no secret', async () => {
    const env = { MY_TOKEN: 'hf_0123456789' };
    assert.deepEqual(await run('echo "error: $MY_TOKEN is refused" >&2; exit 3', env), {
      reason: 'failed',
      message: 'The command ended with exit code 3 at step 3: error: *** is refused.',
    });
  });

  it('ends with what it has left behind, and by itself when it is asked to', async () => {
    assert.equal((await run('setsid sleep 300 & echo left')).reason, 'completed');
    const ending = await run('trap "exit 0" INT; echo ready; while :; do sleep 0.05; done', {}, (program) => program.stop());
    assert.deepEqual(ending, { reason: 'stopped', message: 'Stopped on request after step 3.' });
  });
});
