import { quantile } from '../../src/core/statistics/quantiles.ts';
import { repeats } from './medians.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';

/** VS Code's own extension that, like ours, adds commands, a webview and a language to the editor. */
const peer = 'vscode.markdown-language-features';
const ours = 'otb.otb-run-inspector';

/** Loading and activating the extension in a fresh extension host, beside one of VS Code's own in the same host. */
export async function benchActivation(session: Session): Promise<EditorRow[]> {
  const milliseconds: Record<string, number[]> = { [ours]: [], [peer]: [] };
  let activeAtStart = 0;
  for (let i = 0; i < repeats; i++) {
    await session.inWindow(session.workspace(), async (window) => {
      // Long enough for everything that starts with the window.
      await window.page.waitForTimeout(4000);
      const order = i % 2 === 0 ? [ours, peer] : [peer, ours];
      for (const id of order) {
        const { wasActive, took } = await window.host.evaluate(async (vscode, name) => {
          const extension = vscode.extensions.getExtension(name);
          if (extension === undefined) throw new Error(`${name} is not installed`);
          const wasActive = extension.isActive;
          const start = performance.now();
          await extension.activate();
          return { wasActive, took: performance.now() - start };
        }, id);
        if (id === ours && wasActive) activeAtStart++;
        milliseconds[id]?.push(took);
      }
    });
  }
  const median = (id: string): number => quantile(milliseconds[id] ?? [], 0.5);
  return [
    { name: `active in a fresh window, of ${repeats}`, measured: activeAtStart, below: 1, unit: 'windows' },
    { name: 'activation, loading included, median', measured: median(ours), below: 25, unit: 'ms' },
    { name: `the same of ${peer}`, measured: median(peer), below: null, unit: 'ms' },
    { name: 'ours / theirs, where the machine is slower', measured: median(ours) / median(peer), below: 0.06, unit: '×' },
  ];
}
