import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** A config whose run takes milliseconds a step; fast enough for tests with real training. */
export const tinyConfig = {
  name: 'tiny',
  estimators: ['reinforce', 'tir_optimal_token_baseline'],
  seeds: [1],
  steps: 20,
  task: { name: 'ledger', operations: [1, 2], maxTurns: 6 },
  policy: { kind: 'gru', width: 8 },
  warmStart: { steps: 20, batchSize: 8 },
  rollout: { promptsPerStep: 2, groupSize: 4, maxResponseTokens: 80 },
  checkpoint: { every: 5 },
  earlyStop: null,
} as const;

/** Writes a config file, changed as given; returns its path. */
export function writeConfig(folder: string, changes: Readonly<Record<string, unknown>> = {}): string {
  const file = path.join(folder, 'tiny.otb.json');
  writeFileSync(file, JSON.stringify({ ...tinyConfig, ...changes }, null, 2));
  return file;
}

/** Far more steps than any test waits for. */
export const endless = { steps: 1_000_000, checkpoint: { every: 200 } } as const;
