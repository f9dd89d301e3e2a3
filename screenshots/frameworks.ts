import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Session } from '../test/e2e/harness/session.ts';
import type { Window } from '../test/e2e/harness/window.ts';

const producers = 'test/data/producers';
const folder = path.resolve('docs/frameworks/images');

/** For each picture the log that it shows, and where it lies in the workspace: as its producer has it by default, as far as names tell. */
const logs: Readonly<Record<string, { readonly from: string; readonly at: string }>> = {
  verl: { from: 'verl-console/console.log', at: 'logs/verl-grpo.log' },
  trl: { from: 'trl-grpo/trainer_state.json', at: 'grpo-s41/trainer_state.json' },
  openrlhf: { from: 'openrlhf/console-driver.log', at: 'logs/openrlhf.log' },
  tensorboard: { from: 'tb-restart-purge/run', at: 'runs/ppo' },
  wandb: { from: 'wandb-mixed/wandb', at: 'wandb' },
  mlflow: { from: 'mlflow-file/mlruns', at: 'mlruns' },
  trackio: { from: 'trackio/otb.db', at: 'trackio/otb.db' },
  csv: { from: 'ray-tune/trial/progress.csv', at: 'ray_results/PPO_CartPole/progress.csv' },
  'own-scripts': { from: 'verl-file/otb/grpo-s51.jsonl', at: 'otb/grpo-s51.jsonl' },
};

/** The pictures of docs/frameworks: each log opened as *OTB: Open run log or folder…* does. */
export async function picturesOfFrameworks(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const session = await Session.start();
  try {
    for (const [name, { from, at }] of Object.entries(logs)) {
      const workspace = session.workspace({ copies: { [at]: path.join(producers, from) } });
      const settings = { size: { width: 1400, height: 760 }, theme: 'Light Modern' } as const;
      await session.inWindow(workspace, (window) => pictureOfLog(window, name, at), settings);
    }
  } finally {
    await session.stop();
  }
}

async function pictureOfLog(window: Window, name: string, at: string): Promise<void> {
  await window.host.evaluate(
    (vscode, file) => void vscode.commands.executeCommand('otb.openSource', vscode.Uri.file(file)),
    window.file(at),
  );
  const panel = await window.panel();
  await panel.locator('.chart[data-metric="@score"] canvas').first().waitFor();
  await window.host.evaluate(async ({ commands }) => {
    await commands.executeCommand('notifications.clearAll');
    await commands.executeCommand('workbench.action.closeSidebar');
  });
  await window.page.waitForTimeout(2000);
  const file = path.join(folder, `${name}.png`);
  await window.page.screenshot({ path: file });
  console.log(path.relative('.', file));
}
