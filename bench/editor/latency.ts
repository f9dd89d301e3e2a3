import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../src/core/statistics/quantiles.ts';
import { installDrawProbe, takeProbe } from './drawProbe.ts';
import { writeSteps } from './liveRuns.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns } from './writtenRun.ts';

const perSecond = 20;
const steps = 600;

/** From a step's line in the file of a run to its line in the chart of an open panel. */
export async function benchLatency(session: Session): Promise<EditorRow[]> {
  const workspace = session.workspace();
  const runs = await createRuns(workspace, 1, 100_000);
  await writeSteps(runs, { steps: 20, perSecond: 200 });
  return session.inWindow(workspace, async (window) => {
    await window.host.evaluate(
      async (vscode, dir) => void (await vscode.commands.executeCommand('otb.openPanel', dir)),
      runs[0]?.dir ?? '',
    );
    const panel = await window.panel();
    await panel.locator('canvas').first().waitFor();
    await delay(2000);
    await installDrawProbe(panel);
    const written = await writeSteps(runs, { after: 20, steps, perSecond });
    await delay(1000);
    const { drawn } = await takeProbe(panel);
    const latencies = drawnAfter(written, drawn);
    if (latencies.length < steps / 2) throw new Error(`only ${latencies.length} of ${steps} steps were seen to be drawn`);
    return [
      {
        name: `step written to step drawn, ${latencies.length} steps at ${perSecond}/s, median`,
        measured: quantile(latencies, 0.5),
        below: null,
        unit: 'ms',
      },
      { name: 'the same, 95th percentile', measured: quantile(latencies, 0.95), below: 100, unit: 'ms' },
      { name: 'the same, longest', measured: Math.max(...latencies), below: null, unit: 'ms' },
    ];
  });
}

/** Milliseconds of each step; one that was drawn together with a later one was drawn when that was. */
export function drawnAfter(
  written: ReadonlyMap<string, readonly number[]>,
  drawn: readonly (readonly [string, number, number])[],
): number[] {
  const latencies: number[] = [];
  const next = new Map<string, number>();
  for (const [run, last, at] of drawn) {
    const times = written.get(run) ?? [];
    for (let step = next.get(run) ?? 0; step <= last; step++) {
      const time = times[step];
      if (time !== undefined) latencies.push(at - time);
    }
    next.set(run, last + 1);
  }
  return latencies;
}
