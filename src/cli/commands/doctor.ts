import os from 'node:os';
import type { Command } from 'commander';
import { gpuReadings } from '../../core/gpus/gpu.ts';
import type { Gpu } from '../../core/gpus/gpu.ts';
import { gpuProcessText } from '../../core/gpus/panelGpu.ts';
import { torchAdvice, type TorchAdvice } from '../../core/growth/torchAdvice.ts';
import { counted, listText, quantityText } from '../../core/notation.ts';
import { loadConfig } from '../../runs/config/loadConfig.ts';
import { findGpus } from '../../runs/gpus/findGpus.ts';
import { commandLinePython } from '../../runs/launcher/pythonChoice.ts';
import { cacheFolder } from '../../runs/launcher/trainingPlan.ts';
import type { CommandContext } from '../context.ts';
import type { AutoChoice, EngineProbe } from '../doctor/engines.ts';
import { probeEngines } from '../doctor/engines.ts';
import type { Python, PythonPackage } from '../doctor/python.ts';
import { anyEngine } from '../doctor/engineChoice.ts';
import { findPython } from '../doctor/python.ts';
import { diagnoseTrl } from '../doctor/trl.ts';
import type { TrlDiagnosis } from '../doctor/trl.ts';
import { exitCodes } from '../exit.ts';
import { jsonOption, pythonOption } from '../options.ts';
import { packageVersion } from '../packageRoot.ts';

/** What `otb doctor --json` prints; a `problem` says why a list is empty. */
interface Diagnosis {
  readonly version: string;
  readonly system: {
    readonly os: string;
    readonly arch: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
  };
  readonly engines: readonly EngineProbe[];
  /** What "--engine auto" has chosen here, the latest first. */
  readonly engineChoices: readonly AutoChoice[];
  /** How PyTorch would do at the size of the config that was named; null: none was, or another program trains it. */
  readonly size: (TorchAdvice & { readonly file: string }) | null;
  readonly gpus: readonly Gpu[];
  readonly python: Python | null;
  readonly trainers: readonly PythonPackage[];
  readonly trl: TrlDiagnosis;
  readonly problems: { readonly engines: string | null; readonly gpus: string | null; readonly python: string | null };
}

/** `otb doctor [config]`: what works on this machine, and why anything does not; with a config, whether its size suits. Exit 1 when no engine is usable. */
export function registerDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .argument('[config]', 'a *.otb.json file, to compare the built-in trainer with PyTorch at its size')
    .description('show the engines, GPUs, Python and trainers found, and why anything is not usable')
    .addOption(pythonOption())
    .addOption(jsonOption())
    .action(async (config: string | undefined, options: { readonly python?: string; readonly json?: true }) => {
      const diagnosis = await diagnose(config, options.python, context);
      if (options.json) context.output.printJson(diagnosis);
      else context.output.print(describe(diagnosis, context));
      if (!diagnosis.engines.some(({ usable }) => usable)) context.exitWith(exitCodes.failed);
    });
}

async function sizeOf(file: string): Promise<Diagnosis['size']> {
  const { config } = await loadConfig(file);
  const advice = torchAdvice(config, os.availableParallelism());
  return advice && { file, ...advice };
}

async function diagnose(file: string | undefined, named: string | undefined, { root, env, cwd }: CommandContext): Promise<Diagnosis> {
  // First: what is wrong with it is said before anything is waited for.
  const size = file === undefined ? null : await sizeOf(file);
  const [engines, gpus, python] = await Promise.all([
    probeEngines(root, cacheFolder(cwd, env)),
    findGpus(),
    findPython(commandLinePython(named, env, cwd)),
  ]);
  const listed = gpus.kind === 'found' ? gpus.gpus : [];
  return {
    version: packageVersion(root),
    system: {
      os: `${os.type()} ${os.release()}`,
      arch: os.arch(),
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 27) / 8,
      node: process.versions.node,
    },
    engines: engines.engines,
    engineChoices: engines.choices,
    size,
    gpus: listed,
    python: python.python,
    trainers: python.packages,
    trl: diagnoseTrl(python, listed.length),
    problems: { engines: engines.problem, gpus: gpus.kind === 'found' ? null : gpus.problem, python: python.problem },
  };
}

function describe(
  { version, system, engines, engineChoices, size, gpus, python, trainers, trl, problems }: Diagnosis,
  { output }: CommandContext,
): string {
  const mark = (usable: boolean) => (usable ? output.paint('green', '✔') : output.paint('dim', '·'));
  const line = (usable: boolean, name: string, detail: string) => `  ${mark(usable)} ${name.padEnd(18)} ${detail}`.trimEnd();
  return [
    `otb ${version}, Node ${system.node}, ${system.os} ${system.arch}`,
    `${system.cores} × ${system.cpu}, ${quantityText(system.memoryGiB)} GiB memory`,
    '',
    output.paint('bold', 'Engines of the built-in trainer'),
    ...(problems.engines === null
      ? [
          ...engines.map(({ name, usable, device, reason }) => line(usable, name, [device, reason].filter(Boolean).join(': '))),
          ...autoLines(engines, engineChoices).map((text, index) => (index === 0 ? line(true, anyEngine, text) : `      ${text}`)),
        ]
      : [line(false, 'none', problems.engines)]),
    ...(size === null ? [] : [output.paint('bold', `Size of ${size.file}`), `  ${mark(size.pytorch !== 'faster')} ${size.text}`]),
    output.paint('bold', 'GPUs'),
    ...(problems.gpus === null ? gpus.map((gpu) => line(true, `GPU ${gpu.index}`, gpuLine(gpu))) : [line(false, 'none', problems.gpus)]),
    output.paint('bold', 'Python'),
    python === null ? line(false, 'none', problems.python ?? '') : line(true, python.program, `${python.version}, ${python.source}`),
    ...trainers.map(({ name, usable, version: found, reason }) => line(usable, name, [found, reason].filter(Boolean).join(', '))),
    output.paint('bold', 'Runs of "trainer": "trl"'),
    line(trl.usable, trl.usable ? 'ready' : 'not ready', trl.command === null ? trl.reason : `${trl.reason}: ${trl.command}`),
  ].join('\n');
}

/** What `auto` does, and the last of what it has chosen. */
function autoLines(engines: readonly EngineProbe[], choices: readonly AutoChoice[]): readonly string[] {
  const candidates = engines.filter(({ usable, isCandidate }) => usable && isCandidate).map(({ name }) => name);
  if (candidates.length < 2) return candidates.map((name) => `${name}, the only one here that it can choose`);
  const chosen = choices.slice(0, mostChoices).map(({ size, name, reason }) => `${name} for ${size}; ${reason}`);
  return [`the faster one of ${listText(candidates)}, measured when the first run of a size starts`, ...chosen];
}

const mostChoices = 3;

/** "NVIDIA H100 80GB HBM3, driver 550.54.15 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · python3 (process 4242, 60.1 GiB)". */
function gpuLine(gpu: Gpu): string {
  const { name, driver, processes } = gpu;
  const shown = (processes ?? []).slice(0, mostProcesses).map(gpuProcessText);
  const more = (processes ?? []).length - shown.length;
  return [
    driver === null ? name : `${name}, driver ${driver}`,
    ...gpuReadings(gpu),
    ...shown,
    ...(more > 0 ? [counted(more, 'more process', 'more processes')] : []),
  ].join(' · ');
}

const mostProcesses = 4;
