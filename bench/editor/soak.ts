import { setTimeout as delay } from 'node:timers/promises';
import { hostLoad, watchHost } from './hostLoad.ts';
import { writeSteps } from './liveRuns.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns } from './writtenRun.ts';

const runCount = 8;
const perSecond = 20;

/** Eight runs at twenty steps a second, all in an open panel, for some minutes. */
export async function benchSoak(session: Session, minutes: number): Promise<EditorRow[]> {
  const workspace = session.workspace();
  const runs = await createRuns(workspace, runCount, 100_000);
  await writeSteps(runs, { steps: 5, perSecond: 50 });
  return session.inWindow(workspace, async (window) => {
    const before = await window.host.evaluate(() => process.memoryUsage().rss / 2 ** 20);
    await window.view('OTB Runs');
    await window.host.evaluate(
      async (vscode, dirs) => void (await vscode.commands.executeCommand('otb.overlayRuns', dirs)),
      runs.map(({ dir }) => dir),
    );
    const panel = await window.panel();
    await panel.locator('canvas').first().waitFor();
    await delay(3000);
    await watchHost(window.host);
    await writeSteps(runs, { after: 5, steps: minutes * 60 * perSecond, perSecond });
    const { longestBlock, residentMb, heapMb } = await hostLoad(window.host);
    const what = `${runCount} runs at ${perSecond} steps/s for ${minutes} min`;
    return [
      {
        name: `${what}: extension host, resident, beyond what it was before our extension`,
        measured: residentMb - before,
        below: 60,
        unit: 'MB',
      },
      { name: `${what}: the same before our extension was active`, measured: before, below: null, unit: 'MB' },
      { name: `${what}: its JavaScript heap`, measured: heapMb, below: null, unit: 'MB' },
      { name: `${what}: longest block of its event loop`, measured: longestBlock, below: 40, unit: 'ms' },
    ];
  });
}
