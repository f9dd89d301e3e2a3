import { nounOf } from '../core/config/programConfig.ts';
import { durationText } from '../core/notation.ts';
import { signalOf, signalOfProcess } from './signalCauses.ts';
import { asClause, lastLine, ownError } from './traces.ts';
import type { Cause, Traces } from './traces.ts';
import { trlMemoryRemedy } from './trlCauses.ts';

/** A cause that is known by its words or by what the system counts; undefined: none is. */
export function knownCause(traces: Traces): Cause | undefined {
  return outOfGpuMemory(traces) ?? outOfMemory(traces) ?? byWords(traces);
}

const gpuMemory = /\b(CUDA|HIP|XPU|MPS)(?: backend| error:)? out of memory\b|\b(CU)BLAS_STATUS_ALLOC_FAILED\b/;
const wanted = /Tried to allocate [\d.]+ ?[KMGT]?i?B(?:ytes)?/i;

const lessGpuMemory =
  'Lower the batch size for each GPU, the longest response, or the share of memory that is set aside for generation (vLLM: gpu_memory_utilization), or give the run more GPUs.';

function outOfGpuMemory(traces: Traces): Cause | undefined {
  const text = traces.errors.findLast(({ message }) => gpuMemory.test(message))?.message ?? lastLine(traces, gpuMemory);
  if (text === undefined) return undefined;
  const [, kind = 'CUDA'] = gpuMemory.exec(text) ?? [];
  const [size] = wanted.exec(text) ?? [];
  return {
    sentence: `${kind} out of memory${traces.at}${size === undefined ? '' : `: ${size}`}.`,
    remedy: traces.of === 'trl' ? trlMemoryRemedy : lessGpuMemory,
  };
}

const lessMemory = 'Lower what its processes keep in memory (data loader workers, offloaded weights and optimizer), or give them more.';

function outOfMemory(traces: Traces): Cause | undefined {
  const { at, oomKill, errors } = traces;
  if (lastLine(traces, /node running low on memory|NODE_OUT_OF_MEMORY|^ray\.exceptions\.OutOfMemoryError/) !== undefined)
    return { sentence: `Ray killed a process${at}, because the machine was running out of memory.`, remedy: lessMemory };
  const own = errors.findLast(({ message }) =>
    /^MemoryError\b|_ArrayMemoryError\b|DefaultCPUAllocator: (?:can't|not enough)/.test(message),
  );
  if (own !== undefined) {
    const said = asClause(own.message.replace(/^[\w.]+:?\s*/, ''));
    return { sentence: `Out of memory${at}${said === '' ? '' : `: ${said}`}.`, remedy: lessMemory };
  }
  if ((signalOf(traces) ?? signalOfProcess(traces)) !== 'SIGKILL') return undefined;
  if (oomKill === 'here') return { sentence: `Killed by the kernel's out-of-memory killer${at}.`, remedy: lessMemory };
  if (oomKill !== 'machine') return undefined;
  return { sentence: `Killed${at}, it seems by the kernel's out-of-memory killer, which was at work on this machine.`, remedy: lessMemory };
}

interface Words {
  readonly sign: RegExp;
  cause(match: RegExpExecArray, traces: Traces): Cause;
}

const moreSpace = 'Free some space, or have checkpoints and logs written to another disk; then resume the run, or start it again.';

const known: readonly Words[] = [
  {
    sign: /\b(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?|: No module named ([\w.]+)$/,
    cause: ([, inProgram, asMain], { python, command }) => {
      const module = (inProgram ?? asMain ?? '').split('.')[0] ?? '';
      return {
        sentence: `The Python module ${module} is not installed.`,
        remedy: `Install it into the Python that runs the command: ${pythonOf(python, command)} -m pip install ${module}. If it is a module of your own, set "cwd", or PYTHONPATH in "env", to where it is.`,
      };
    },
  },
  {
    sign: /No space left on device(?:: '([^']*)')?/,
    cause: ([, file], { at }) => ({
      sentence: `The disk is full${at}${file === undefined ? '' : `: ${file} could not be written`}.`,
      remedy: moreSpace,
    }),
  },
  {
    sign: /Disk quota exceeded(?:: '([^']*)')?/,
    cause: ([, file], { at }) => ({
      sentence: `The disk quota is used up${at}${file === undefined ? '' : `: ${file} could not be written`}.`,
      remedy: moreSpace,
    }),
  },
  {
    sign: /No CUDA GPUs are available|Found no NVIDIA driver|CUDA driver version is insufficient/,
    cause: ([said], { of, at }) => ({
      sentence: `The ${nounOf(of)} finds no usable GPU${at}: ${said}.`,
      remedy:
        'See to the driver with nvidia-smi, and to "gpus" in the config and CUDA_VISIBLE_DEVICES; otb doctor says which GPUs there are.',
    }),
  },
  {
    sign: /Watchdog caught collective operation timeout.*?OpType=(\w+).*?Timeout\(ms\)=(\d{1,12})/,
    cause: ([, operation, ms], { at }) => ({
      sentence: `NCCL gave up${at}: not all processes came to ${operation} within ${durationText(Number(ms) / 1000)}.`,
      remedy: 'One of them failed or hung before: look for its error further up in the output. NCCL_DEBUG=INFO in "env" says more.',
    }),
  },
  {
    sign: /Could not find any running Ray instance|(?:Failed|Unable) to connect to (?:GCS|Ray)/i,
    cause: (_match, { at }) => ({
      sentence: `No connection to the Ray cluster${at}.`,
      remedy: 'Start one with "ray start --head", or set RAY_ADDRESS in "env" to the one that is there.',
    }),
  },
];

function byWords(traces: Traces): Cause | undefined {
  // A warning may say such words, too: lines count where no error does.
  const mayBeLine = ownError(traces.errors) === undefined;
  for (const { sign, cause } of known) {
    const inError = ownError(traces.errors.filter(({ message }) => sign.test(message)))?.message;
    const text = inError ?? (mayBeLine ? lastLine(traces, sign) : undefined);
    const match = text === undefined ? null : sign.exec(text);
    if (match !== null) return cause(match, traces);
  }
  return undefined;
}

function pythonOf(python: string | null, [program = '']: readonly string[]): string {
  return python ?? (/^python[\d.]*$/.test(program.split(/[\\/]/).at(-1) ?? '') ? program : 'python3');
}
