import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';

/** A config that says everything, with comments and all kinds of lists. */
export const configExample = `// Why this run is.
{
  "$schema": "../media/otb-config.schema.json",
  "name": "ledger-figure1", /* a name */
  "trainer": "builtin",
  "estimators": [
    "reinforce", // the simplest
    "dr_grpo",
    "tir_optimal_token_baseline",
  ],
  "seeds": [1, 2, 3],
  "steps": 600,
  "task": { "name": "ledger", "operations": [2, 8], "maxTurns": 100, "toolFailureRate": 0.1, "toolOutageRate": 0.1 },
  "policy": { "kind": "transformer", "width": 32, "layers": 2, "heads": 2 },
  "warmStart": { "steps": 2000, "learningRate": 3e-3 },
  "rollout": { "promptsPerStep": 4, "groupSize": 8, "maxResponseTokens": 240, "temperature": 1.0 },
  "optimizer": { "learningRate": 8e-3, "warmupSteps": 20, "maxGradNorm": null },
  "loss": { "aggregation": "seq-mean-token-sum" },
  "earlyStop": null,
  "onCollapse": "warn",
  "collapseSensitivity": "high",
}
`;

export const commandExample = `{
  "name": "qwen3-8b-gsm8k",
  "trainer": "command",
  "command": ["bash", "run.sh", "algorithm.adv_estimator=\${estimator}", "trainer.seed=\${seed}"],
  "estimators": ["grpo", "optimal_token_baseline"],
  "metrics": { "from": "stdout", "format": "auto", "gradNorm": "actor/grad_norm", "score": "critic/score/mean" }
}`;

/** Runs of the config, as they are planned. */
export const planExample = planRuns(parseConfig(configExample, 'figure1.otb.json'), {
  now: new Date(2026, 0, 2),
  cwd: '/work',
  git: null,
}).slice(0, 2);

/** `run.json` of the first of them. */
export const runRecordText = JSON.stringify({
  ...planExample[0],
  schemaVersion: 1,
  pid: 4711,
  processStartTime: 'boot:1',
  command: ['node', 'trainer.mjs'],
  host: 'here',
  engine: 'wasm-simd',
  device: 'CPU, 1 thread',
  engineReason: 'default',
  createdAt: '2026-01-02T03:04:05.000Z',
  git: { commit: 'abc', dirty: false },
});
