import { baselinePowers } from './baselinePowers.ts';
import { roleColumns } from '../src/core/panel/rows.ts';
import { getOwn } from '../src/core/records/json.ts';
import { metricNames } from '../src/core/records/metricNames.ts';
import type { MetricKeys } from '../src/core/records/metricRoles.ts';

export interface MetricText {
  readonly heading: string;
  /** Vertical range of its charts where all values lie in it, e.g. 0 to 1; null: charts show what the values span. */
  readonly range: readonly [number, number] | null;
}

const known: Readonly<Record<string, string>> = {
  [roleColumns.gradNorm]: 'Gradient norm',
  [roleColumns.score]: 'Score',
  [metricNames.entropy]: 'Entropy',
  [metricNames.policyLoss]: 'Policy loss',
  [metricNames.learningRate]: 'Learning rate',
  [metricNames.responseLength]: 'Response length (tokens)',
  [metricNames.responseLengthMax]: 'Longest response (tokens)',
  [metricNames.clipRatio]: 'Share of responses cut off',
  [metricNames.turns]: 'Turns',
  [metricNames.stepSeconds]: 'Time per step (s)',
  [metricNames.rolloutSeconds]: 'Rollout time (s)',
  [metricNames.updateSeconds]: 'Update time (s)',
  [metricNames.throughput]: 'Throughput (tokens/s)',
  [metricNames.signalStrength]: 'Squared gradient norm (signal)',
  [metricNames.totalPower]: 'Total gradient power',
  [metricNames.pureNoise]: 'Gradient noise',
};

/** The heading of a metric; a metric that is not known here is called by its own name. */
export function metricText(metric: string): MetricText {
  if (metric === baselinePowers) return { heading: 'Total power under each baseline', range: null };
  const gpu = gpuText(metric);
  if (gpu !== undefined) return gpu;
  const estimator = /^estimator\/(.+)\/total_power$/.exec(metric)?.[1];
  const heading = getOwn(known, metric) ?? (estimator === undefined ? metric : `Total power under ${estimator}`);
  return { heading, range: metric === roleColumns.score ? [0, 1] : null };
}

const gpuQuantities: Readonly<Record<string, string>> = {
  utilization: 'utilization (%)',
  memory_used_gb: 'memory in use (GiB)',
  power_w: 'power (W)',
  temperature_c: 'temperature (°C)',
};

/** Of a metric of a GPU; undefined: it is none. */
function gpuText(metric: string): MetricText | undefined {
  const [, index = '', name = ''] = /^gpu\/(\d+)\/(\w+)$/.exec(metric) ?? [];
  const quantity = getOwn(gpuQuantities, name);
  return quantity === undefined ? undefined : { heading: `GPU ${index} ${quantity}`, range: name === 'utilization' ? [0, 100] : null };
}

/** Metrics that are drawn small as long as the user has chosen none: those that tell most about a collapse, where they are logged. */
export function suggestedMetrics(logged: readonly string[], keys: readonly MetricKeys[]): readonly string[] {
  const named = (['entropy', 'responseLength', 'clipRatio'] as const).flatMap((role) => [
    metricNames[role],
    ...keys.flatMap((ofRun) => ofRun[role] ?? []),
  ]);
  return [...new Set([...named, metricNames.turns])].filter((metric) => logged.includes(metric));
}
