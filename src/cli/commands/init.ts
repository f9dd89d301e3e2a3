import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { configEnding } from '../../core/config/config.ts';
import type { TrainingScript } from '../../core/config/trainingScript.ts';
import { writeNew } from '../../runs/directory/atomicFile.ts';
import { RunWriteError } from '../../runs/directory/runDirectoryError.ts';
import { configKinds, configNameFor, newConfigText } from '../../runs/launcher/frameworkPresets.ts';
import type { ConfigKind } from '../../runs/launcher/frameworkPresets.ts';
import { findScripts, readScript, scriptsFor } from '../../runs/launcher/scriptSearch.ts';
import type { CommandContext } from '../context.ts';
import { findGpus } from '../../runs/gpus/findGpus.ts';
import { badInput, failed } from '../exit.ts';
import { jsonOption, nonEmpty } from '../options.ts';

const frameworks = ['builtin', ...configKinds] as const;

interface InitOptions {
  readonly framework?: (typeof frameworks)[number];
  readonly script?: string;
  readonly out?: string;
  readonly json?: true;
}

/** What is written where no script is needed: for the built-in trainer the preset for newcomers, for TRL one of a language model. */
const presets = { builtin: 'demo', trl: 'trl-gsm8k-qwen' } as const;
/** More scripts than this are not listed. */
const mostListed = 10;

/** `otb init`: writes a commented config for a script of the user's, for the built-in trainer, or for a language model with TRL. */
export function registerInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('write a commented run config for a training script, for the built-in trainer, or for TRL; no file is overwritten')
    .addOption(new Option('--framework <name>', 'what the script trains with (default: what it looks like)').choices(frameworks))
    .option('--script <file>', 'script that starts the training (default: the only one in this folder)', nonEmpty)
    .option('--out <file>', `file to write (default: the script's name, with ${configEnding})`, nonEmpty)
    .addOption(jsonOption())
    .action((options: InitOptions) => init(options, context));
}

async function init({ framework, script, out, json }: InitOptions, { cwd, env, root, output }: CommandContext): Promise<void> {
  if (framework === 'builtin' && script !== undefined)
    throw badInput('--script: the built-in trainer runs no script. Remove one of the two.');
  const chosen = framework === 'builtin' ? 'builtin' : await chooseScript(framework, script, cwd);
  const isPreset = typeof chosen === 'string';
  const file = path.resolve(cwd, out ?? `${isPreset ? presets[chosen] : configNameFor(chosen.script.file)}${configEnding}`);
  if (!file.endsWith(configEnding)) throw badInput(`--out ${out}: the name of a run config ends in ${configEnding}.`);
  const text = isPreset
    ? await readFile(path.join(root, 'presets', `${presets[chosen]}${configEnding}`), 'utf8')
    : await textFor(chosen, env);
  try {
    writeNew(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw badInput(`${file} is already there, and is left as it is. Name another file with --out.`, error);
    throw failed(new RunWriteError(file, error).message, error);
  }
  const shown = path.relative(cwd, file);
  const [of, kind] = isPreset ? [null, chosen] : [chosen.script.file, chosen.kind];
  if (json) output.printJson({ config: file, script: of, framework: kind });
  else output.print(`${shown} written${of === null ? '' : ` for ${of}`}. Look it over, then start it: otb run ${shown}`);
}

interface ChosenScript {
  readonly kind: ConfigKind;
  readonly script: TrainingScript;
}

async function textFor({ kind, script }: ChosenScript, env: CommandContext['env']): Promise<string> {
  const survey = await findGpus(env);
  return newConfigText({ kind, script, gpus: survey.kind === 'found' ? survey.gpus.length : 0 });
}

/** "trl": there is no script, and none is needed. */
async function chooseScript(framework: ConfigKind | undefined, named: string | undefined, cwd: string): Promise<ChosenScript | 'trl'> {
  if (named !== undefined) {
    const script = await readScript(cwd, named);
    if (!script) throw badInput(`--script ${named}: there is no shell or Python script of that name.`);
    return { kind: framework ?? script.framework ?? 'command', script };
  }
  const all = await findScripts(cwd);
  // Scripts that are known to train come before all others.
  const known = all.filter((script) => script.framework !== null);
  const [script, ...others] = framework !== undefined ? scriptsFor(framework, all) : known.length > 0 ? known : all;
  if (!script) {
    if (framework === 'trl') return 'trl';
    const which = framework === 'verl' ? 'no script that trains with verl' : 'no script';
    throw badInput(`There is ${which} in ${cwd}: name one with --script FILE, or take --framework builtin or trl, which need none.`);
  }
  if (others.length > 0) throw badInput(severalScripts([script, ...others]));
  return { kind: framework ?? script.framework ?? 'command', script };
}

function severalScripts(scripts: readonly TrainingScript[]): string {
  const list = scripts.slice(0, mostListed).map(({ file }) => `  ${file}`);
  const rest = scripts.length > mostListed ? [`  and ${scripts.length - mostListed} more`] : [];
  return [`There are ${scripts.length} scripts. Name one of them with --script FILE:`, ...list, ...rest].join('\n');
}
