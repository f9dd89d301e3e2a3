import { defaultSensitivity, sensitivities } from '../core/collapse/sensitivity.ts';
import type { Sensitivity } from '../core/collapse/sensitivity.ts';
import { mostRuns } from '../core/config/constraints.ts';
import { formats } from '../runs/sources/formats.ts';
import type { RunAssignment } from '../runs/sources/foreignIdentity.ts';
import type { RunPlace } from '../runs/sources/format.ts';
import { PathPattern } from '../runs/sources/pathPattern.ts';
import { runDirectoryFormat } from '../runs/sources/runPlace.ts';
import { InvalidArgumentError, Option } from 'commander';

/** A repeatable option: `--seed 1 --seed 2`. */
export function collect<T>(parse: (text: string) => T): (text: string, previous: readonly T[] | undefined) => readonly T[] {
  return (text, previous) => [...(previous ?? []), parse(text)];
}

/** An integer from `least` to `most`. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || text.trim() === '') throw new InvalidArgumentError(`expected a whole number, found "${text}"`);
    if (value < least) throw new InvalidArgumentError(`expected a number of at least ${least}, found ${text.trim()}`);
    if (value > most) throw new InvalidArgumentError(`expected a number of at most ${most}, found ${text.trim()}`);
    return value;
  };
}

/** A text with something in it. */
export function nonEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected a value, found nothing');
  return text;
}

/** `--json`, the same in every command. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document on standard output and nothing else there');
}

/** `--python`, of commands that start programs, or say what they would start with. */
export function pythonOption(): Option {
  const otherwise = '(default: that of VIRTUAL_ENV or CONDA_PREFIX, else python3)';
  return new Option('--python <path>', `Python that $\{python} stands for in a config ${otherwise}`).argParser(nonEmpty);
}

/** `--parallel`, of commands that start runs. `builtin`: what those of the built-in trainer have without it. */
export function parallelOption(builtin: string): Option {
  const programs = 'programs one at a time, those that ask for GPUs as many as there are GPUs for';
  return new Option('--parallel <n>', `maximum number of runs at once (default: ${builtin}; ${programs})`).argParser(integer(1, mostRuns));
}

/** `--fail-on-collapse`, the same in every command. */
export function failOnCollapseOption(): Option {
  return new Option('--fail-on-collapse', 'exit with code 3 when a collapse is found');
}

/** `--life`, of commands that show the metrics of one run. */
export function lifeOption(): Option {
  return new Option(
    '--life <n>',
    'where several runs were written into one file, which of them, from 1, the earliest (default: the newest)',
  ).argParser(integer(1));
}

/** `--format`, of commands that read runs. */
export function formatOption(): Option {
  return new Option('--format <format>', 'what the paths are, where that is not recognized (default: what they look like)').choices([
    'auto',
    runDirectoryFormat,
    ...formats.map(({ name }) => name),
  ]);
}

/** What somebody says about the runs that a command reads: their names for metrics, and what their paths tell. */
export interface RunWords {
  readonly gradNorm?: string;
  readonly score?: string;
  readonly pattern?: PathPattern;
  readonly sensitivity?: Sensitivity;
}

/** `--sensitivity`, of commands that judge runs, or start processes that do. */
export function sensitivityOption(otherwise: string): Option {
  return new Option('--sensitivity <level>', `how readily a run is called collapsed (default: ${otherwise})`).choices(sensitivities);
}

/** `--grad-norm`, `--score`, `--pattern` and `--sensitivity`, the same in every command that judges runs. */
export function runWordsOptions(): readonly Option[] {
  return [
    new Option('--grad-norm <key>', 'metric to take for the gradient norm').argParser(nonEmpty),
    new Option('--score <key>', 'metric to take for the score').argParser(nonEmpty),
    new Option('--pattern <pattern>', 'estimator, seed and group from the path, e.g. "{group}/{estimator}-s{seed}"').argParser(pathPattern),
    sensitivityOption(`as a run's config says, else ${defaultSensitivity}`),
  ];
}

/** What these words say of a run. */
export function assignmentOf(place: RunPlace, { gradNorm, score, pattern, sensitivity }: RunWords): RunAssignment {
  const metricKeys = { ...(gradNorm !== undefined && { gradNorm }), ...(score !== undefined && { score }) };
  const byPath = place.format === runDirectoryFormat ? undefined : pattern?.match(place.source);
  return { ...byPath, metricKeys, ...(sensitivity && { sensitivity }) };
}

function pathPattern(text: string): PathPattern {
  const pattern = PathPattern.parse(text);
  if (typeof pattern === 'string') throw new InvalidArgumentError(pattern);
  return pattern;
}
