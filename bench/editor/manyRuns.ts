import { renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { medianRows } from './medians.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns, endRun, fillRun } from './writtenRun.ts';

const groups = 10;
const runsOfGroup = 100;
const steps = 200;
/** Milliseconds in which all that a first look begins comes to its end. */
const settling = 6000;

/** A thousand finished runs that a window sees for the first time. */
export async function benchManyRuns(session: Session): Promise<EditorRow[]> {
  const written = session.workspace();
  for (let group = 0; group < groups; group++) {
    for (const run of await createRuns(written, runsOfGroup, steps, `bench${group}`)) {
      fillRun(run.dir, steps, 'full');
      endRun(run, steps);
    }
  }
  let place = written;
  return medianRows(() => {
    const workspace = session.workspace();
    return session.inWindow(workspace, async (window) => {
      // The window has started by then, and our extension has not: there is nothing of ours in the folder.
      await delay(4000);
      await window.host.evaluate(() => void ((globalThis as Counted).otbCpu = process.cpuUsage()));
      renameSync(path.join(place, '.otb'), path.join(workspace, '.otb'));
      place = workspace;
      const start = Date.now();
      const view = await window.view('OTB Runs');
      await view
        .row(/bench9/)
        .first()
        .waitFor();
      const listed = Date.now() - start;
      await delay(settling);
      const { user, system } = await window.host.evaluate(() => process.cpuUsage((globalThis as Counted).otbCpu));
      return [
        {
          name: '1,000 finished runs first looked at, activation included: processor time of the extension host',
          measured: (user + system) / 1000,
          below: 400,
          unit: 'ms',
        },
        { name: '1,000 finished runs: from the command to the list', measured: listed, below: null, unit: 'ms' },
      ];
    });
  });
}

type Counted = typeof globalThis & { otbCpu: NodeJS.CpuUsage };
