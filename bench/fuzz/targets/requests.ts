import { parseAdvantagesRequest, AdvantagesRequestError, advantageRows } from '../../../src/core/estimators/advantagesRequest.ts';
import type { AdvantageBatch } from '../../../src/core/estimators/estimator.ts';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { estimators } from '../../../src/core/estimators/registry.ts';
import { parseHostMessage, parsePanelMemory, parsePanelMessage } from '../../../src/core/panel/parseMessages.ts';
import { initialView } from '../../../src/core/panel/view.ts';
import { parse, stringify } from '../../../src/core/records/json.ts';
import { CommandError } from '../../../src/cli/exit.ts';
import { readAdvantagesInput } from '../../../src/cli/advantagesInput.ts';
import { isRuns, isTrainingPlan } from '../../../src/runs/launcher/trainingPlan.ts';
import { sizeLimits } from '../../../src/runs/directory/regularFile.ts';
import { planExample } from '../examples.ts';
import { fullDocument, mutatedText, mutatedValue, pick } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

const request = {
  token_level_rewards: [[0, 0, 1], [0, 0, 0], [0, 1, 0]],
  response_mask: [[1, 0, 1], [1, 1, 1], [1, 1, 0]],
  index: ['a', 'a', 7],
  old_log_probs: [[-0.5, -0.1, -1], [-0.2, -3, -0.4], [-1, -1, -1]],
  sum_pi_squared: [[0.5, 0.9, 0.4], [0.8, 0.3, 0.7], [0.2, 0.2, 0.2]],
  rollout_is_weights: [[1, 1, 1], [1, 2, 0.5], [1, 1, 1]],
  handle_zero_tail: true,
}; // prettier-ignore

const subject = { kind: 'group', runsDir: '/runs', group: 'g', series: null };
const panelRun = {
  id: 'a', label: 'a', name: 'n', estimator: 'opo', seed: 1, series: 'opo', parameters: { lr: 0.1, x: null, y: 'z', w: true },
  process: 'running', note: null, collapse: 'healthy', onsetStep: null, detectedStep: null,
  marks: [{ type: 'spike', step: 3, onsetStep: 2, message: 'm', advice: 'a', data: { r: 2 } }],
  plannedSteps: 600, metrics: ['actor/grad_norm'], createdAt: '2026-01-02T03:04:05.000Z',
  numbers: { step: 1, gradNorm: 0.1, medianGradNorm: null, maxGradNorm: 1, score: 0.5, bestScore: 0.5, stepsPerSecond: 2 },
}; // prettier-ignore
const rows = { from: 0, steps: { first: 1, stride: 1, count: 3 }, columns: { a: new Float64Array(3), b: new Float32Array(3) } };
const messages: readonly unknown[] = [
  { type: 'open', title: 't', subject, link: null, settings: { onsets: true } },
  { type: 'runs', runs: [panelRun, panelRun] },
  { type: 'rows', run: 'a', rows },
  { type: 'overview', run: 'a', rows: { ...rows, steps: new Float64Array([1, 2, 4]) } },
  { type: 'link', view: { ...initialView, range: [0, 5], crosshair: 3 } },
  { type: 'ready' },
  { type: 'columns', columns: ['a', 'b'] },
  { type: 'action', action: 'stop', runs: ['a'] },
  { type: 'export', format: 'svg', content: '<svg/>' },
  { type: 'export', format: 'png', content: new Uint8Array(4) },
  { type: 'error', message: 'x' },
  {
    version: 1, subject, link: null,
    view: {
      x: 'step', yScale: 'auto', smoothing: { by: 'range', share: 0.02 }, robust: true, range: null, filter: '', shown: { rule: 'allBut', names: [] }, groupBy: null, colorBy: null, columns: {}, band: true, multiples: null,
      sort: { column: 'name', descending: false },
    },
  },
]; // prettier-ignore

const plan = { runs: planExample, runsDir: '/runs', engine: 'auto', parallel: 2, threads: 1, cacheDir: '/cache' };

export const requestTargets: readonly FuzzTarget[] = [
  {
    name: 'advantages requests',
    weight: 6,
    prepare(random) {
      const document = mutatedValue(random, request);
      const estimator = pick(random, estimatorNames);
      return { size: 1, run: () => compute(() => parseAdvantagesRequest(document, estimator), estimator) };
    },
  },
  {
    name: 'otb advantages input',
    weight: 6,
    prepare(random) {
      const text = mutatedText(random, JSON.stringify(request), 1 << 19);
      const estimator = pick(random, estimatorNames);
      return { size: text.length, run: () => compute(() => readAdvantagesInput(text, estimator), estimator) };
    },
  },
  {
    name: 'panel messages',
    weight: 14,
    prepare(random) {
      const message = mutatedValue(random, pick(random, messages));
      return {
        size: 1,
        run() {
          // To a memory, what an earlier version did not have is added.
          for (const read of [parseHostMessage, parsePanelMessage, parsePanelMemory]) {
            const found: unknown = read(message);
            agree(
              typeof found !== 'string' ? found === message || read === parsePanelMemory : found !== '' && found.length < 100_000,
              'a message is read as it is, or refused',
            );
          }
        },
      };
    },
  },
  {
    name: 'queues',
    weight: 6,
    prepare(random) {
      const whole = pick<unknown>(random, [plan, plan.runs]);
      const value = random.chance(0.0005) ? fullDocument(random, sizeLimits.queue) : (stringify(mutatedValue(random, whole)) ?? '');
      const text = random.chance(0.4) ? mutatedText(random, value, sizeLimits.queue) : value;
      return {
        size: text.length,
        run() {
          const found = parse(text);
          if (isTrainingPlan(found)) agree(isRuns(found.runs), 'a plan has runs');
          void isRuns(found);
        },
      };
    },
  },
];

function compute(read: () => AdvantageBatch, estimator: (typeof estimatorNames)[number]): void {
  let batch: AdvantageBatch;
  try {
    batch = read();
  } catch (error) {
    if (error instanceof AdvantagesRequestError || error instanceof CommandError) {
      agree(error.message.length > 0 && error.message.length < 2000, 'the complaint is a sentence');
      return;
    }
    throw error;
  }
  const advantages = new Float64Array(batch.batch * batch.length);
  estimators[estimator](batch, advantages);
  agree(advantageRows(batch, advantages).length === batch.batch, 'every response has its advantages');
}
