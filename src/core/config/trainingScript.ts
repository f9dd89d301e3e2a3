import { estimatorSettings } from '../inline/estimatorSettings.ts';
import type { EstimatorSetting } from '../inline/estimatorSettings.ts';
import { scriptSyntax, withoutComments } from '../inline/scriptText.ts';

/** The frameworks for which there is a template of a config. */
type TemplateFramework = 'verl' | 'trl';

/** What the text of a script tells of how to start it. */
export interface TrainingScript {
  /** Path from the folder in which runs are started, with slashes. */
  readonly file: string;
  readonly isShell: boolean;
  /** Whose training it starts; null: somebody else's, or its own. */
  readonly framework: TemplateFramework | null;
  /** Whether a shell script hands its own arguments on, or a program takes overrides of Hydra's. */
  readonly takesArguments: boolean;
  /** Names of options that a Python program takes, without dashes. All of TRL's where `takesArguments`. */
  readonly options: ReadonlySet<string>;
  /** Estimators that it names itself, in the order of the text. */
  readonly estimators: readonly string[];
  /** Variables of the environment from which it takes its estimator and its seed. */
  readonly variables: { readonly estimator?: string; readonly seed?: string };
  /** GPUs that one run is said to take; null: it does not say. */
  readonly gpus: number | null;
  /** Whether it turns verl's fused kernels on, which do not have what the token baselines need. */
  readonly usesFusedKernels: boolean;
  /** Whether it looks for a checkpoint to go on from by itself. */
  readonly findsCheckpoint: boolean;
}

/** Undefined where the file is no script, by its name. */
export function trainingScript(file: string, text: string): TrainingScript | undefined {
  const syntax = scriptSyntax(file);
  if (syntax === undefined || syntax === 'yaml') return undefined;
  const isShell = syntax === 'shell';
  const code = withoutComments(text, syntax);
  const settings = estimatorSettings(text, syntax);
  const framework = frameworkOf(code, isShell, settings);
  const options = new Set([...code.matchAll(/add_argument\(\s*(?:["']-\w["'],\s*)?["']--([\w-]+)["']/g)].map(([, name = '']) => name));
  return {
    file,
    isShell,
    framework,
    takesArguments: isShell ? /\$[@*]|\$\{@/.test(code) : takesArguments(code, framework),
    options,
    estimators: [...new Set(settings.flatMap(({ estimators }) => estimators.slice(0, 1)))],
    variables: isShell ? shellVariables(code, settings) : {},
    gpus: numberIn(code, /n_gpus_per_node=["']?(\d{1,4})\b|--nproc[_-]per[_-]node[= ](\d{1,4})\b|--num_processes[= ](\d{1,4})\b/),
    usesFusedKernels: /use_fused_kernels=["']?true\b/i.test(code),
    findsCheckpoint: /\bget_last_checkpoint\b/.test(code),
  };
}

function frameworkOf(code: string, isShell: boolean, settings: readonly EstimatorSetting[]): TemplateFramework | null {
  if (/\bverl\.trainer\.main_ppo\b/.test(code) || settings.some(({ framework }) => framework === 'verl')) return 'verl';
  const isTrl = isShell ? /\btrl (?:grpo|rloo)\b|--loss_type\b/.test(code) : /\b(?:GRPO|RLOO)Trainer\b/.test(code);
  return isTrl ? 'trl' : null;
}

function takesArguments(code: string, framework: TemplateFramework | null): boolean {
  if (framework === 'trl') return /\b(?:TrlParser|HfArgumentParser)\b/.test(code);
  return framework === 'verl' && /@hydra\.main\b|\bmain_ppo\b/.test(code);
}

/** `${ADV:-grpo}` takes what the environment has; a variable that the script gives a value of its own does not. */
function shellVariables(code: string, settings: readonly EstimatorSetting[]): TrainingScript['variables'] {
  const estimator = settings.find(({ variable }) => variable !== undefined)?.variable;
  const seed = /\$\{(\w*SEED\w*):?-[^}]*\}/i.exec(code)?.[1];
  return { ...(estimator !== undefined && { estimator }), ...(seed !== undefined && { seed }) };
}

function numberIn(code: string, pattern: RegExp): number | null {
  const found = pattern
    .exec(code)
    ?.slice(1)
    .find((digits) => digits !== undefined);
  return found === undefined || Number(found) === 0 ? null : Number(found);
}
