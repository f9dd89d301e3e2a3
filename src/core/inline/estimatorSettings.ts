import { withoutComments } from './scriptText.ts';
import type { ScriptSyntax } from './scriptText.ts';
import { estimatorNames } from '../estimators/estimator.ts';
import { assignments, escaped, isName, lastOf, quoted, textOf, unquoted, variableOf, word } from './scriptValues.ts';
import type { TextSpan } from './textEdit.ts';

/** Whose setting it is. */
export type Framework = 'verl' | 'trl' | 'openrlhf' | 'slime' | 'skyrl';

/** A place in a script or YAML file that decides which advantage estimator a program trains with. */
export interface EstimatorSetting {
  readonly framework: Framework;
  /** What is set, as the framework calls it: `algorithm.adv_estimator`, `loss_type`, `GRPOConfig`. */
  readonly key: string;
  /** What runs with this setting may be called, the likeliest first; none where it takes what the script is given. */
  readonly estimators: readonly string[];
  /** What to underline: key and value. */
  readonly span: TextSpan;
  /** The estimator's name without quotes; undefined where none is written there. */
  readonly value: TextSpan | undefined;
  /** Where the framework is given the setting: elsewhere than `span` where that is the variable's assignment. */
  readonly use: TextSpan;
  /** The variable of the environment, or of the shell, whose value it takes; undefined: it takes none, or something else. */
  readonly variable?: string;
}

/*
 * verl 0.9 and SkyRL take overrides of Hydra's, `algorithm.adv_estimator=grpo`, and the same keys in YAML; TRL 1.16 the arguments of
 * GRPOConfig, as flags and in YAML too, where `loss_type` says how token losses are summed and `scale_rewards` whether advantages are
 * divided by their deviation; RLOOConfig has neither. OpenRLHF 0.11 has `--algo.advantage.estimator`, earlier `--advantage_estimator`;
 * slime `--advantage-estimator`.
 */
const overrides: Readonly<Record<string, Framework>> = {
  'trainer.algorithm.advantage_estimator': 'skyrl',
  'algorithm.adv_estimator': 'verl',
};
const flags: Readonly<Record<string, Framework>> = {
  'algo.advantage.estimator': 'openrlhf',
  advantage_estimator: 'openrlhf',
  'advantage-estimator': 'slime',
  loss_type: 'trl',
  scale_rewards: 'trl',
};
/** Keys of a YAML file, with those that they stand under. */
const yamlPaths: Readonly<Record<string, Framework>> = { ...overrides, loss_type: 'trl', scale_rewards: 'trl' };

/** What TRL calls the losses of its GRPOConfig; other trainers of TRL have a `loss_type` of another meaning. */
const trlLosses: ReadonlySet<string> = new Set(['grpo', 'dr_grpo', 'dapo', 'bnpo', 'cispo', 'sapo', 'luspo', 'vespo']);

const alternatives = (keys: Readonly<Record<string, Framework>>): string => Object.keys(keys).map(escaped).join('|');
const override = new RegExp(`(?<![\\w.])(${alternatives(overrides)})=(${quoted}|${word})`, 'g');
const flag = new RegExp(`(?<![\\w-])--(${alternatives(flags)})(?:=|["'],[ \\t\\r\\n]*(?=["'])|[ \\t]+)(${quoted}|${word})`, 'g');
const trlConfig = /(?<![\w])(GRPOConfig|RLOOConfig)[ \t]*\(/g;
/** A parser of arguments that makes a config of what the script is given. */
const trlParser = /(?<![\w])(?:TrlParser|HfArgumentParser)[ \t]*\([^)]{0,500}?(?<![\w])(GRPOConfig|RLOOConfig)(?![\w(])/g;
const attribute = /(?<![\w])algorithm\.adv_estimator[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*'|[A-Za-z_][\w.]*)/g;

/** Names that verl, TRL, OpenRLHF, slime and SkyRL have for estimators, and ours: a run that is called so is not of another one. */
const knownEstimators: ReadonlySet<string> = new Set([
  ...estimatorNames,
  ...trlLosses,
  ...['gae', 'ppo', 'remax', 'grpo_passk', 'gpg', 'rloo_vectorized', 'grpo_vectorized', 'gdpo'],
  ...['reinforce_baseline', 'group_norm', 'gspo', 'reinforce++', 'maxrl'],
]);

/** Settings, and calls, that are looked at in one text: people write one or two, and each may need another look at the whole text. */
const mostSettings = 100;
/** Characters of a line of YAML, and of the arguments of a call, that are looked at. */
const longestLine = 2000;
const longestCall = 20_000;

/** A setting as it stands in the text, before its value is looked at. */
interface FoundSetting {
  readonly framework: Framework;
  readonly key: string;
  readonly use: TextSpan;
  /** The value with its quotes. */
  readonly value: TextSpan;
}

/** Where a script or YAML file sets an estimator, in the order of the text. Takes any text. */
export function estimatorSettings(text: string, syntax: ScriptSyntax): readonly EstimatorSetting[] {
  const code = withoutComments(text, syntax);
  const found = [
    ...matches(code, override, overrides),
    ...matches(code, flag, flags),
    ...(syntax === 'yaml' ? yamlSettings(code) : []),
    ...(syntax === 'python' ? attributes(code) : []),
  ];
  const settings = found.slice(0, mostSettings).flatMap((setting) => settingsOf(setting, code, syntax));
  if (syntax === 'python') settings.push(...trlSettings(code));
  const places = new Map(settings.map((setting) => [setting.span.offset, setting]));
  return [...places.values()].toSorted((a, b) => a.span.offset - b.span.offset);
}

/**
 * Of these, those that a run's estimator comes from. A run whose command says which estimator it takes (`isGiven`) is not that of
 * another one written in the script. Where the command says nothing, a run that has a name of its own takes the only one that is written;
 * one that is called like another estimator ran before the script was changed.
 */
export function settingsOfRun(settings: readonly EstimatorSetting[], estimator: string, isGiven: boolean): readonly EstimatorSetting[] {
  for (const isNamed of [(names: readonly string[]) => names[0] === estimator, (names: readonly string[]) => names.includes(estimator)]) {
    const named = settings.filter(({ estimators }) => isNamed(estimators));
    if (named.length > 0) return named;
  }
  const open = settings.filter(({ estimators }) => estimators.length === 0);
  if (open.length > 0 || isGiven || knownEstimators.has(estimator)) return open;
  return new Set(settings.map(({ estimators }) => estimators[0])).size === 1 ? settings : [];
}

function matches(code: string, pattern: RegExp, keys: Readonly<Record<string, Framework>>): FoundSetting[] {
  return [...code.matchAll(pattern)].flatMap((match): FoundSetting[] => {
    const [all, key = '', value = ''] = match;
    const framework = keys[key];
    const use = { offset: match.index, length: all.length };
    return framework === undefined ? [] : [{ framework, key, use, value: lastOf(use, value.length) }];
  });
}

function attributes(code: string): FoundSetting[] {
  return [...code.matchAll(attribute)].flatMap((match): FoundSetting[] => {
    const [all, value = ''] = match;
    const use = { offset: match.index, length: all.length };
    // Without spaces and quotes it is an override, which has been found as one.
    if (/estimator=[^"']/.test(all)) return [];
    return [{ framework: 'verl', key: 'algorithm.adv_estimator', use, value: lastOf(use, value.length) }];
  });
}

const yamlKey = /^([ \t]*)(?:- +)?["']?([\w.]+)["']?[ \t]*:(?:[ \t]+([^\r\n]*?))?[ \t]*\r?$/;

function yamlSettings(code: string): FoundSetting[] {
  const found: FoundSetting[] = [];
  const sections: { readonly indent: number; readonly key: string }[] = [];
  let offset = 0;
  for (const line of code.split('\n')) {
    const [, indent = '', key, value = ''] = (line.length <= longestLine && yamlKey.exec(line)) || [];
    if (key !== undefined) {
      while (sections.length > 0 && (sections.at(-1)?.indent ?? 0) >= indent.length) sections.pop();
      const path = [...sections.map((section) => section.key), key].join('.');
      const framework = yamlPaths[path];
      if (value === '') sections.push({ indent: indent.length, key });
      else if (framework !== undefined && !value.startsWith('{')) {
        const start = line.indexOf(key);
        const end = line.replace(/[ \t\r]+$/, '').length;
        const use = { offset: offset + start, length: end - start };
        found.push({ framework, key: path, use, value: lastOf(use, value.length) });
      }
    }
    offset += line.length + 1;
  }
  return found;
}

/** What a setting's value stands for: a name, or a variable, which may have been given one in the same text. */
function settingsOf({ framework, key, use, value }: FoundSetting, code: string, syntax: ScriptSyntax): EstimatorSetting[] {
  const named = (span: TextSpan, name: TextSpan): EstimatorSetting[] => {
    const inner = unquoted(code, name);
    const estimators = namesOf(framework, key, textOf(code, inner));
    return estimators.length > 0 ? [{ framework, key, estimators, span, value: inner, use }] : [];
  };
  if (isName(code, value, syntax)) return named(use, value);
  const sourceOf = (span: TextSpan): string | undefined => variableOf(textOf(code, unquoted(code, span)), syntax);
  const variable = sourceOf(value);
  const assigned = variable === undefined || syntax === 'yaml' ? [] : assignments(code, variable, syntax);
  const written = assigned.filter((assignment) => isName(code, assignment.value, syntax));
  const settings = written.flatMap((assignment) => named(assignment.span, assignment.value));
  if (assigned.length > 0 && written.length === assigned.length) return settings;
  // ADV=${ADV_ESTIMATOR:-grpo}: what the script is given counts, under the name that it is given by.
  const source =
    assigned.length === 0 ? variable : assigned.map((assignment) => sourceOf(assignment.value)).find((name) => name !== undefined);
  const open = { framework, key, estimators: [], span: use, value: undefined, use };
  return [...settings, source === undefined ? open : { ...open, variable: source }];
}

/** What a run may be called whose setting says this. Empty: it is no estimator. */
function namesOf(framework: Framework, key: string, value: string): readonly string[] {
  if (framework !== 'trl') return [value];
  if (key.endsWith('scale_rewards')) return [/^(?:false|none)$/i.test(value) ? 'dr_grpo' : 'grpo'];
  // Whatever the losses are summed by, the advantages are GRPO's, unless they are Dr. GRPO's.
  return trlLosses.has(value) ? [...new Set([value, value === 'dr_grpo' ? value : 'grpo'])] : [];
}

/** GRPOConfig and RLOOConfig, called, or made by a parser of arguments. */
function trlSettings(code: string): EstimatorSetting[] {
  const called = [...code.matchAll(trlConfig)].slice(0, mostSettings);
  const parsed = [...code.matchAll(trlParser)].slice(0, mostSettings).map((match): EstimatorSetting => {
    const [all, name = ''] = match;
    const setting = bareConfig(match.index + all.length - name.length, name);
    return name === 'RLOOConfig' ? setting : { ...setting, estimators: [] };
  });
  return [
    ...called.flatMap(({ index, 0: all, 1: name = '' }) => calledSettings(code, bareConfig(index, name), index + all.length)),
    ...parsed,
  ];
}

/** A config that says nothing of its loss, with the one that GRPOConfig takes by itself. */
function bareConfig(offset: number, name: string): EstimatorSetting {
  const span = { offset, length: name.length };
  const estimators = name === 'RLOOConfig' ? ['rloo'] : ['grpo', 'dapo'];
  return { framework: 'trl', key: name, estimators, span, value: undefined, use: span };
}

function calledSettings(code: string, bare: EstimatorSetting, start: number): EstimatorSetting[] {
  if (bare.key === 'RLOOConfig') return [bare];
  const open = argumentsAt(code, start);
  const loss = argument(open, start, 'loss_type');
  const scale = argument(open, start, 'scale_rewards');
  if (!loss) return scale ? scaleSetting(scale, code) : [bare];
  const isUnscaled = scale !== undefined && /^["']?(?:False|none)["']?$/.test(textOf(code, scale.value));
  const settings = settingsOf(loss, code, 'python');
  return isUnscaled ? settings.map(withoutScale) : settings;
}

/** GRPO whose advantages are not divided by their deviation is Dr. GRPO's, however its losses are summed. */
function withoutScale(setting: EstimatorSetting): EstimatorSetting {
  return setting.estimators.length === 0
    ? setting
    : { ...setting, estimators: [...new Set([...setting.estimators.slice(0, 1), 'dr_grpo'])] };
}

function scaleSetting({ framework, key, use, value }: FoundSetting, code: string): EstimatorSetting[] {
  const written = textOf(code, value).replaceAll(/["']/g, '');
  const isKnown = /^(?:True|False|group|batch|none)$/.test(written);
  const estimators = isKnown ? namesOf(framework, key, written) : [];
  return [{ framework, key, estimators, span: use, value: isKnown ? unquoted(code, value) : undefined, use }];
}

/** An argument of a call by its name, where `open` are the call's arguments, from the offset `start` of the text. */
function argument(open: string, start: number, name: string): FoundSetting | undefined {
  const match = new RegExp(`(?<![\\w.])${name}[ \\t]*=[ \\t]*(${quoted}|[A-Za-z_][\\w.]*(?:\\[[^\\]\\n]*\\])?)`).exec(open);
  if (!match) return undefined;
  const use = { offset: start + match.index, length: match[0].length };
  return { framework: 'trl', key: name, use, value: lastOf(use, (match[1] ?? '').length) };
}

/** The text up to the bracket that closes a call; a call that is being typed ends with the text. */
function argumentsAt(code: string, start: number): string {
  const rest = code.slice(start, start + longestCall);
  const token = /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|[()[\]{}]/g;
  let depth = 0;
  for (const { 0: found, index } of rest.matchAll(token)) {
    if ('([{'.includes(found)) depth++;
    else if (')]}'.includes(found) && --depth < 0) return rest.slice(0, index);
  }
  return rest;
}
