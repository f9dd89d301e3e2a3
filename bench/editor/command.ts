import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../src/core/statistics/quantiles.ts';
import type { RunRecord } from '../../src/core/records/run.ts';
import { until } from '../../test/e2e/harness/until.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { installDrawProbe, takeProbe } from './drawProbe.ts';
import { drawnAfter } from './latency.ts';
import type { EditorRow } from './row.ts';

const perSecond = 10;
const steps = 900;
/** Steps until the panel is open and has drawn what was there. */
const before = 200;

/** Prints what verl prints, at a steady rate, and says when it did: milliseconds since 1970 of each step. */
const program = `
import { appendFileSync } from 'node:fs';
const start = performance.now();
for (let step = 1; step <= ${steps}; step++) {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + (step * 1000) / ${perSecond} - performance.now())));
  appendFileSync('times', (performance.timeOrigin + performance.now()) + '\\n');
  process.stdout.write('step:' + step + ' - actor/grad_norm:' + (0.5 + 0.05 * Math.sin(step)) + ' - critic/score/mean:' + step / ${steps} + '\\n');
}`;

/** A program that is started by command: from a line that it prints to the chart, and what it costs to watch it. Linux. */
export async function benchCommand(session: Session): Promise<EditorRow[]> {
  const config = { name: 'bench', trainer: 'command', estimators: ['opo'], command: [process.execPath, 'print.mjs'] };
  const workspace = session.workspace({ files: { 'bench.otb.json': JSON.stringify(config), 'print.mjs': program } });
  return session.inWindow(workspace, async (window) => {
    await window.host.evaluate(
      (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)).then(() => null),
      window.file('bench.otb.json'),
    );
    const runs = window.file('.otb/runs');
    const dir = await until('the run', () => readdirSync(runs).find((name) => name.endsWith('-s1')));
    const { pid } = JSON.parse(readFileSync(path.join(runs, dir, 'run.json'), 'utf8')) as RunRecord;
    const panel = await window.panel();
    await panel.locator('canvas').first().waitFor();
    await delay((before * 1000) / perSecond);
    await installDrawProbe(panel);
    const [ticks, at] = [ticksOf(pid), performance.now()];
    await delay(((steps - 2 * before) * 1000) / perSecond);
    const share = ((ticksOf(pid) - ticks) * 10) / (performance.now() - at);
    const watchers = [pid, ...childrenOf(pid).filter((each) => nameOf(each) === 'sh')];
    const memory = (kind: MemoryKind): number => watchers.reduce((sum, each) => sum + memoryOf(each, kind), 0);
    const [own, resident] = [memory('Pss_Anon'), memory('Rss')];
    const { drawn } = await takeProbe(panel);
    const times = readFileSync(window.file('times'), 'utf8').trim().split('\n').map(Number);
    const [, first = 0] = drawn[0] ?? [];
    const printed: number[] = [];
    for (const [index, time] of times.entries()) if (index + 1 > first) printed[index + 1] = time;
    const written = new Map(drawn.map(([run]) => [run, printed]));
    const latencies = drawnAfter(written, drawn);
    if (latencies.length < 100) throw new Error(`only ${latencies.length} steps were seen to be drawn`);
    return [
      {
        name: `a command at ${perSecond} lines/s: line printed to step drawn, ${latencies.length} steps, median`,
        measured: quantile(latencies, 0.5),
        below: null,
        unit: 'ms',
      },
      { name: 'the same, 95th percentile', measured: quantile(latencies, 0.95), below: 150, unit: 'ms' },
      { name: 'what watches it: processor time, of one core', measured: 100 * share, below: 1, unit: '%' },
      { name: 'what watches it: memory that it adds', measured: own, below: 60, unit: 'MiB' },
      { name: 'the same with the program of Node.js, which all processes of Node.js share', measured: resident, below: null, unit: 'MiB' },
    ];
  });
}

/** Processor time of a process, in ticks of 10 ms. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** `Pss_Anon`: of its own. `Rss`: with what it shares with other processes. */
type MemoryKind = 'Pss_Anon' | 'Rss';

/** MiB. */
function memoryOf(pid: number, kind: MemoryKind): number {
  return Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
