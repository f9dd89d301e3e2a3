import os from 'node:os';
import { mostRuns } from '../../core/config/constraints.ts';
import { engineSizeFindings, machineFindings } from '../../core/config/memoryFindings.ts';
import { formatPath } from '../../core/config/findings.ts';
import type { ConfigFinding } from '../../core/config/findings.ts';
import { memoryNeed } from '../../core/memory/memoryNeed.ts';
import { bytesText } from '../../core/notation.ts';
import { ConfigError } from '../config/configError.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';
import { shareOfCores } from '../launcher/trainingPlan.ts';
import type { TrainingPlan } from '../launcher/trainingPlan.ts';

/** Of the memory that is free, what runs may take: the rest is for whatever else grows meanwhile. */
const share = 0.9;

/** What the user said of how many runs at once, and how many threads each. */
export interface WantedShare {
  readonly parallel?: number;
  readonly threads?: number;
}

/**
 * How many runs at once and how many threads each, so that those of the built-in trainer use the machine's cores together and fit into its memory. Where the
 * user says how many at once and they do not fit, or where not even one does, throws a ConfigError at the key that takes most.
 *
 * @param free bytes of memory that the machine has to spare.
 */
export function shareOfMachine(
  loaded: LoadedConfig,
  runs: number,
  wanted: WantedShare,
  free: number = freeMemory(),
): Pick<TrainingPlan, 'parallel' | 'threads'> {
  const { config, engine } = loaded;
  if (config.trainer !== 'builtin') return shareOfProgram(config, wanted);
  const spare = share * free;
  for (let limit = wanted.parallel; ;) {
    const { parallel, threads } = shareOfCores(runs, { ...wanted, ...(limit !== undefined && { parallel: limit }) });
    const most = Math.min(runs, parallel);
    const use = { engine, threads };
    const { process: need } = memoryNeed(config, engine, threads);
    if (most * need <= spare && engineSizeFindings(config, use).length === 0) return { parallel, threads };
    if (most > 1 && wanted.parallel === undefined) {
      limit = most - 1;
      continue;
    }
    const findings = [...engineSizeFindings(config, use), ...machineFindings(config, use, spare)];
    if (findings.length > 0) throw refusal(loaded, findings.slice(0, 1));
    const [finding] = machineFindings(config, use, spare / most);
    const fitting = Math.floor(spare / need);
    const message = `${most} runs at once need ${bytesText(most * need)} of memory, ${bytesText(need)} each; this machine has ${bytesText(spare)} to spare`;
    const remedy = `Run at most ${fitting} at once: --parallel ${fitting}, in VS Code the setting otb.launch.parallel.`;
    throw refusal(loaded, [{ path: finding?.path ?? [], message, remedy }]);
  }
}

/**
 * A program takes what it takes: one after the other, unless the user says how many at once, or each waits for GPUs of its own anyway.
 */
function shareOfProgram({ gpus }: LoadedConfig['config'], { parallel }: WantedShare): Pick<TrainingPlan, 'parallel' | 'threads'> {
  return { parallel: Math.max(1, parallel ?? (gpus === null ? 1 : mostRuns)), threads: 1 };
}

function refusal(loaded: LoadedConfig, findings: readonly ConfigFinding[]): ConfigError {
  return new ConfigError(
    findings.map(({ path, message, remedy }) => {
      const key = formatPath(path);
      return { file: loaded.file, ...loaded.locate(key), key, message, remedy };
    }),
  );
}

/**
 * Bytes that processes can still have. macOS counts as free only what nobody has used yet, so there it is what the machine has; in
 * a container no more than the container may have.
 */
function freeMemory(): number {
  const free = process.platform === 'darwin' ? os.totalmem() : os.freemem();
  // Node.js says 0 or undefined where there is no limit.
  const limit = (process.constrainedMemory() as number | undefined) ?? 0;
  return limit > 0 ? Math.min(free, limit) : free;
}
