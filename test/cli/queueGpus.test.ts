import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fakeNvidia } from '../runs/gpus/fakeTools.ts';
import { temporaryFolder } from '../runs/exampleRun.ts';
import { otb, startOtb, until } from './otb.ts';

/** A config of a command that says which GPUs it sees, and then logs steps until a file lets it end. */
function writeCommand(folder: string, name: string, changes: Readonly<Record<string, unknown>>): string {
  const end = path.join(folder, `${name}.end`);
  const steps = `let step = 0; setInterval(() => {
    if (require('node:fs').existsSync(${JSON.stringify(end)})) process.exit(0);
    console.log('step:' + ++step + ' - actor/grad_norm:0.3 - critic/score/mean:0.5');
  }, 20);`;
  const command = ['node', '-e', `console.log('sees', process.env.CUDA_VISIBLE_DEVICES); ${steps}`];
  const config = { name, trainer: 'command', command, estimators: ['grpo'], seeds: [1], metrics: { from: 'stdout' }, ...changes };
  writeFileSync(path.join(folder, `${name}.otb.json`), JSON.stringify(config));
  return end;
}

test('a run waits for GPUs that another has, does not block one that needs none, and gets them when they are free', async (t) => {
  const cwd = temporaryFolder();
  const { env: tools } = fakeNvidia([{}, {}]);
  const env = Object.fromEntries(Object.entries(tools).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const limits = ['--parallel', '3', '--json'];
  const ends = [
    writeCommand(cwd, 'qwen', { gpus: 'all', gpusPerRun: 2 }),
    writeCommand(cwd, 'llama', { gpus: [1], seeds: [2] }),
    writeCommand(cwd, 'plain', { seeds: [3] }),
  ];
  const start = (name: string) => {
    const started = startOtb(['run', `${name}.otb.json`, ...limits], { cwd, env });
    t.after(() => {
      for (const end of ends) if (existsSync(cwd)) writeFileSync(end, '');
      started.child.kill('SIGKILL');
    });
    return started;
  };
  const first = start('qwen');
  await first.said(/started in/);
  const second = start('llama');
  await second.said(/grpo seed 2: waits for a GPU: 1 is taken by grpo seed 1 of qwen\n/);
  const third = start('plain');
  await third.said(/started in/);
  const { waiting } = JSON.parse((await otb(['queue', '--json'], { cwd, env })).stdout) as { waiting: { seed: number; waits: string }[] };
  assert.deepEqual(
    waiting.map(({ seed, waits }) => [seed, waits]),
    [[2, 'waits for a GPU: 1 is taken by grpo seed 1 of qwen']],
  );
  for (const end of ends) writeFileSync(end, '');
  const seen = await Promise.all(
    [first, second].map(async ({ finished }) => {
      const { code, stdout, stderr } = await finished;
      assert.equal(code, 0, stderr);
      const [run] = (JSON.parse(stdout) as { runs: { dir: string }[] }).runs;
      return /sees (.*)/.exec(readFileSync(path.join(run?.dir ?? '', 'stdout.log'), 'utf8'))?.[1];
    }),
  );
  assert.deepEqual(seen, ['0,1', '1']);
  await third.finished;
  await until(() => readLeases(env['OTB_GPU_LEASES_DIR'] ?? '') === 0);
});

function readLeases(folder: string): number {
  try {
    return (JSON.parse(readFileSync(path.join(folder, 'leases.json'), 'utf8')) as { leases: unknown[] }).leases.length;
  } catch {
    return 0;
  }
}
