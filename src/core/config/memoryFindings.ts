import { mostEngineBytes } from '../memory/engineLayout.ts';
import { memoryNeed } from '../memory/memoryNeed.ts';
import type { SizedConfig } from '../memory/memoryNeed.ts';
import { bytesText } from '../notation.ts';
import type { ConfigFinding } from './findings.ts';

/** How a config is to be run, as far as memory is concerned. */
export interface MemoryUse {
  /** As `--engine` names it. */
  readonly engine: string;
  readonly threads: number;
}

/** A key that makes a run larger: how to read and change it, and a value with which it counts for little. */
interface Lever {
  readonly path: readonly [string, string];
  readonly value: (config: SizedConfig) => number;
  readonly set: (config: SizedConfig, value: number) => SizedConfig;
  readonly small: number;
  /** Values are multiples of this. */
  readonly unit: (config: SizedConfig) => number;
}

const one = (): number => 1;
const levers: readonly Lever[] = [
  {
    path: ['rollout', 'promptsPerStep'],
    value: ({ rollout }) => rollout.promptsPerStep,
    set: (config, promptsPerStep) => ({ ...config, rollout: { ...config.rollout, promptsPerStep } }),
    small: 4,
    unit: one,
  },
  {
    path: ['rollout', 'groupSize'],
    value: ({ rollout }) => rollout.groupSize,
    set: (config, groupSize) => ({ ...config, rollout: { ...config.rollout, groupSize } }),
    small: 8,
    unit: one,
  },
  {
    path: ['rollout', 'maxResponseTokens'],
    value: ({ rollout }) => rollout.maxResponseTokens,
    set: (config, maxResponseTokens) => ({ ...config, rollout: { ...config.rollout, maxResponseTokens } }),
    small: 800,
    unit: one,
  },
  {
    path: ['policy', 'width'],
    value: ({ policy }) => policy.width,
    set: (config, width) => ({ ...config, policy: { ...config.policy, width } }),
    small: 32,
    unit: ({ policy }) => (policy.kind === 'transformer' ? 4 * policy.heads : 4),
  },
  {
    path: ['policy', 'layers'],
    value: ({ policy }) => (policy.kind === 'transformer' ? policy.layers : 0),
    set: (config, layers) => (config.policy.kind === 'transformer' ? { ...config, policy: { ...config.policy, layers } } : config),
    small: 2,
    unit: one,
  },
  {
    path: ['warmStart', 'batchSize'],
    value: ({ warmStart }) => (warmStart.steps > 0 ? warmStart.batchSize : 0),
    set: (config, batchSize) => ({ ...config, warmStart: { ...config.warmStart, batchSize } }),
    small: 32,
    unit: one,
  },
  {
    path: ['task', 'operations'],
    value: ({ task }) => task.operations[1],
    set: (config, most) => ({ ...config, task: { ...config.task, operations: [Math.min(config.task.operations[0], most), most] } }),
    small: 8,
    unit: one,
  },
];

/** A run that the engine cannot address, on whatever machine. Empty for engines that are not bound to one WASM memory. */
export function engineSizeFindings(config: SizedConfig, use: MemoryUse): readonly ConfigFinding[] {
  const need = (changed: SizedConfig): number => memoryNeed(changed, use.engine, use.threads).engine;
  if (need(config) <= mostEngineBytes) return [];
  const message = `${rolloutInWords(config)} need ${bytesText(need(config))} of memory; the engine can address ${bytesText(mostEngineBytes)}`;
  return [largest(config, message, need, mostEngineBytes)];
}

/** A run that does not fit into the memory that this machine has to spare, in bytes. */
export function machineFindings(config: SizedConfig, use: MemoryUse, free: number): readonly ConfigFinding[] {
  const need = (changed: SizedConfig): number => memoryNeed(changed, use.engine, use.threads).process;
  if (need(config) <= free) return [];
  const message = `${rolloutInWords(config)} need ${bytesText(need(config))} of memory; this machine has ${bytesText(free)} to spare`;
  return [largest(config, message, need, free)];
}

/** A finding at the key that contributes most, with a value that fits where that key alone can bring it about. */
function largest(config: SizedConfig, message: string, need: (config: SizedConfig) => number, most: number): ConfigFinding {
  const saved = (lever: Lever): number =>
    lever.value(config) > lever.small ? need(config) - need(lever.set(config, smallest(lever, config))) : 0;
  const lever = levers.toSorted((a, b) => saved(b) - saved(a))[0]!;
  const fitting = largestFitting(config, lever, need, most);
  const list = (value: number): string =>
    lever.path[1] === 'operations' ? JSON.stringify([Math.min(config.task.operations[0], value), value]) : String(value);
  const large = levers.filter((other) => other === lever || other.value(config) > other.small);
  const remedy =
    fitting === undefined
      ? `Lower ${(large.length > 1 ? large : levers.slice(0, 4)).map(({ path }) => path.join('.')).join(', ')}; no single one of them is enough.`
      : `Write ${list(fitting)} or less; the rest of the config fits with it.`;
  return { path: lever.path, message, remedy };
}

function smallest({ small, unit }: Lever, config: SizedConfig): number {
  return Math.max(unit(config), Math.floor(small / unit(config)) * unit(config));
}

/** The largest value of a key with which the config fits; undefined: none does. */
function largestFitting(config: SizedConfig, lever: Lever, need: (config: SizedConfig) => number, most: number): number | undefined {
  const unit = lever.unit(config);
  const fits = (units: number): boolean => need(lever.set(config, units * unit)) <= most;
  let [low, high] = [0, Math.floor(lever.value(config) / unit)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? undefined : low * unit;
}

/** "2 × 8 responses of up to 80 tokens with a policy of width 8" */
export function rolloutInWords({ rollout, policy }: Pick<SizedConfig, 'rollout' | 'policy'>): string {
  const { promptsPerStep, groupSize, maxResponseTokens } = rollout;
  const size = policy.kind === 'gru' ? `width ${policy.width}` : `width ${policy.width} and ${policy.layers} layers`;
  return `${promptsPerStep} × ${groupSize} responses of up to ${maxResponseTokens} tokens with a policy of ${size}`;
}
