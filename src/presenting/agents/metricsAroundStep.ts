import { nearest } from '../../core/config/nearest.ts';
import { expectedKeys } from '../../core/records/runIdentity.ts';
import type { MetricRole } from '../../core/records/metricRoles.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { AgentError } from './agentError.ts';
import { agentTool } from './agentTool.ts';
import { dropLast, measured } from './answer.ts';
import { nearestRow } from './nearestRow.ts';
import { runAtStepInput, stepInput } from './toolInput.ts';
import type { ReferredRun } from './runReferences.ts';
import { plainLine } from './untrustedText.ts';

const usualRadius = 10;
const mostMetrics = 12;
const mostRows = 41;
const mostNamed = 30;
const longestName = 80;

const usualRoles = ['gradNorm', 'score', 'entropy', 'responseLength'] as const satisfies readonly MetricRole[];
const roleNames: Readonly<Record<MetricRole, string>> = {
  gradNorm: 'grad_norm',
  score: 'score',
  entropy: 'entropy',
  kl: 'kl',
  responseLength: 'response_length',
  clipRatio: 'clip_ratio',
  learningRate: 'learning_rate',
};

export const metricsAroundStep = agentTool(
  {
    name: 'otb_metrics_around_step',
    title: 'Metrics around a step',
    description:
      'The values of metrics of one training run around a step, as rows of [step, value, …]; by default gradient norm, score, entropy and response ' +
      `length. At most ${mostRows} rows: of more steps some are left out evenly, never the step itself. "other_metrics" names what else the run logs.`,
    userDescription: 'Shows the values of metrics around a step of a training run.',
    reference: 'otbMetrics',
    icon: '$(table)',
    mostBytes: 8_000,
    progress: 'Reading metrics around a step',
    input: {
      type: 'object',
      properties: {
        run: runAtStepInput,
        step: stepInput('that of RUN@STEP, else the onset of the collapse, else the last step'),
        metrics: {
          type: 'array',
          items: { type: 'string', maxLength: 300 },
          minItems: 1,
          maxItems: mostMetrics,
          description:
            'Names of metrics as the run logs them, or roles: grad_norm, score, entropy, kl, response_length, clip_ratio, learning_rate.',
        },
        radius: {
          type: 'integer',
          minimum: 0,
          maximum: 1_000_000_000,
          description: `Steps before and after; ${usualRadius} where it is left out.`,
        },
      },
      required: ['run'],
      additionalProperties: false,
    },
  },
  async ({ run, step: asked, metrics, radius = usualRadius }, runs, signal) => {
    const referred = await runs.find(run, signal);
    const { table } = await runs.read(referred, signal);
    if (table.length === 0) throw new AgentError('nothing_there', `${referred.reference} has not logged a step yet.`);
    const keys = metrics === undefined ? usualKeys(referred, table) : metrics.map((name) => metricKey(name, referred, table));
    const step = asked ?? referred.step ?? referred.run.onsetStep ?? table.lastStep ?? 0;
    const center = nearestRow(table.steps, step);
    const at = table.steps[center] as number;
    const from = table.rowsBefore(at - radius);
    const to = table.rowsBefore(at + radius + 1);
    const picked = pickedRows(from, to, center);
    const columns = keys.map((key) => table.column(key));
    const rows = picked.map((row) => [
      table.steps[row] as number,
      ...columns.map((column) => (column === undefined || column.present?.[row] === 0 ? null : measured(column.values[row]))),
    ]);
    const others = table.keys.filter((key) => !keys.includes(key)).map((key) => plainLine(key, longestName));
    const named = others.slice(0, mostNamed);
    return {
      build: () => ({
        run: referred.reference,
        asked_step: step,
        step: at,
        first_step: table.firstStep ?? null,
        last_step: table.lastStep ?? null,
        onset_step: referred.run.onsetStep,
        roles: keys.map((key) => roleOf(key, referred)),
        steps_in_range: to - from,
        left_out: to - from - rows.length,
        rows,
        other_metrics_left_out: others.length - named.length,
        untrusted_text: { metrics: keys.map((key) => plainLine(key, longestName)), other_metrics: named },
      }),
      cuts: [dropLast('other_metrics', named, 20), { of: 'rows', cut: () => dropFarthest(rows, at) }, dropLast('other_metrics', named)],
    };
  },
);

function usualKeys({ run }: ReferredRun, table: MetricTable): readonly string[] {
  const known = expectedKeys(run.identity);
  const keys = usualRoles.flatMap((role) => known[role] ?? []).filter((key) => table.column(key) !== undefined);
  return keys.length > 0 ? keys : table.keys.slice(0, usualRoles.length);
}

/** The metric that a name or a role means. */
function metricKey(name: string, { run, reference }: ReferredRun, table: MetricTable): string {
  if (table.column(name)) return name;
  const role = (Object.keys(roleNames) as MetricRole[]).find((one) => roleNames[one] === name);
  const key = role === undefined ? undefined : expectedKeys(run.identity)[role];
  if (key !== undefined && table.column(key)) return key;
  // As the answers name it.
  const shown = table.keys.find((one) => plainLine(one, longestName) === name);
  if (shown !== undefined) return shown;
  const meant = nearest(name, table.keys);
  const remedy =
    meant === undefined
      ? `It logs ${table.keys
          .slice(0, 12)
          .map((one) => plainLine(one, longestName))
          .join(', ')}${table.keys.length > 12 ? ', …' : ''}.`
      : `Did you mean "${plainLine(meant, longestName)}"?`;
  throw new AgentError('unknown_metric', `${reference} logs no metric "${plainLine(name, longestName)}". ${remedy}`);
}

function roleOf(key: string, { run }: ReferredRun): string | null {
  const known = expectedKeys(run.identity);
  const role = (Object.keys(roleNames) as MetricRole[]).find((one) => known[one] === key);
  return role === undefined ? null : roleNames[role];
}

/** Rows of [from, to), spread evenly, the center among them. */
function pickedRows(from: number, to: number, center: number): readonly number[] {
  const count = to - from;
  if (count <= mostRows) return Array.from({ length: count }, (_, i) => from + i);
  const spread = Array.from({ length: mostRows - 1 }, (_, i) => from + Math.round((i * (count - 1)) / (mostRows - 2)));
  return [...new Set([...spread, center])].sort((a, b) => a - b);
}

function dropFarthest(rows: (readonly (number | null)[])[], step: number): boolean {
  if (rows.length <= 1) return false;
  const [first, last] = [rows[0]?.[0] ?? step, rows.at(-1)?.[0] ?? step];
  if (step - first > last - step) rows.shift();
  else rows.pop();
  return true;
}
