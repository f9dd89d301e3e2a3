import { nounOf } from '../core/config/programConfig.ts';
import { durationText } from '../core/notation.ts';
import type { ExitRecord } from '../core/records/run.ts';
import { knownCause } from './knownCauses.ts';
import { processCause, signalCause, signalOf } from './signalCauses.ts';
import { asClause, lastWords, ownError, tracesOf } from './traces.ts';
import type { Cause, CommandEnd, Traces } from './traces.ts';
import { trlCause } from './trlCauses.ts';

export type { CommandEnd } from './traces.ts';

/** How a command ended, for people. */
export interface Ending extends Cause {
  readonly reason: Extract<ExitRecord['reason'], 'completed' | 'stopped' | 'failed'>;
}

/** Seconds within which a program that logs nothing has not trained. */
const atOnce = 60;

/** How a command ended, in one sentence, from its exit code or signal and from what it said last. */
export function endingOf(end: CommandEnd): Ending {
  if (end.wasAsked) return { reason: 'stopped', sentence: `Stopped on request${after(end)}.`, remedy: null };
  if (end.code === 0) return cutShort(end) ?? { reason: 'completed', ...completion(end) };
  const traces = tracesOf(end);
  const signal = signalOf(end);
  if (signal === 'SIGINT' || traces.errors.at(-1)?.message.startsWith('KeyboardInterrupt') === true)
    return { reason: 'stopped', sentence: `Interrupted from outside (SIGINT)${after(end)}.`, remedy: null };
  const bySignal = signal === null ? undefined : signalCause(traces, signal);
  const byTrl = end.of === 'trl' ? trlCause(traces) : undefined;
  return { reason: 'failed', ...(byTrl ?? knownCause(traces) ?? processCause(traces) ?? bySignal ?? raised(traces) ?? exited(traces)) };
}

/** Our package for TRL ends well before its last step where somebody else than we asked it to, and where code of the user's leaves the process. */
function cutShort(end: CommandEnd): Ending | undefined {
  const { steps, lastStep, earlierStep } = end;
  const step = lastStep ?? earlierStep;
  if (steps === null || (step ?? 0) >= steps) return undefined;
  if (step === null) return { reason: 'failed', ...completion(end) };
  return {
    reason: 'stopped',
    sentence: `The training ended early, after step ${step} of ${steps}, though nobody stopped it from here.`,
    remedy: 'See in its output why; resuming it goes on from its newest checkpoint.',
  };
}

function completion({ of, lastStep, seconds }: CommandEnd): Cause {
  if (lastStep !== null) return { sentence: `The ${nounOf(of)} has ended after step ${lastStep}.`, remedy: null };
  if (of === 'trl')
    return { sentence: `The training ended after ${durationText(seconds)}, before its first step.`, remedy: 'See in its output why.' };
  const sentence = `The command ended after ${durationText(seconds)} without having logged a step.`;
  const remedy =
    seconds < atOnce
      ? 'See in its output what it did. It has to stay in the foreground while it trains: without "&" and nohup.'
      : 'See in its output which lines have metrics, and set "metrics" in the config to where they are.';
  return { sentence, remedy };
}

function after({ lastStep, earlierStep }: CommandEnd): string {
  const step = lastStep ?? earlierStep;
  return step === null ? ' before the first step was logged' : ` after step ${step}`;
}

/** "ValueError: the batch is empty (train.py:88), at step 41." */
function raised({ errors, at }: Traces): Cause | undefined {
  const error = ownError(errors) ?? errors.at(-1);
  if (error === undefined) return undefined;
  const place = error.place === undefined ? '' : ` (${error.place})`;
  return { sentence: `${asClause(error.message)}${place}${at === '' ? '' : `,${at}`}.`, remedy: remedyFor(error.message) };
}

function remedyFor(message: string): string | null {
  if (/DistBackendError|NCCL error/.test(message)) return 'NCCL_DEBUG=INFO in "env" says which connection or GPU failed.';
  if (/^ray\.exceptions\.(?:ActorDied|ActorUnavailable|RayActor|WorkerCrashed)/.test(message))
    return 'A process of Ray ended without a word, most often for want of memory: see dmesg, and the logs in /tmp/ray/session_latest/logs.';
  return null;
}

/** Codes of shells: 126 a program that may not be executed, 127 one that is not found. */
function exited(traces: Traces): Cause {
  const { of, code, at } = traces;
  const words = lastWords(traces);
  const refusal = /[‘'"]?([^\s:‘’'"]+)[’'"]?: (?:command not found|not found|Permission denied|No such file)/;
  const [, program] = refusal.exec(words ?? '') ?? [];
  if (code === 127 && program !== undefined)
    return {
      sentence: `The shell did not find ${program}.`,
      remedy: `Install it, write its whole path, or have the environment that has it activated.`,
    };
  if (code === 126 && program !== undefined)
    return { sentence: `The shell may not execute ${program}.`, remedy: `Make it executable: chmod +x ${program}` };
  const said = words === undefined ? ', and said nothing' : `: ${words}`;
  return {
    sentence: `The ${nounOf(of)} ended with exit code ${code}${at}${said}.`,
    remedy: words === undefined ? 'Run the same command in a terminal.' : null,
  };
}
