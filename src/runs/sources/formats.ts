import type { RunFormat } from './format.ts';
import { csv } from './formats/csv.ts';
import { hfConsole } from './formats/hfConsole.ts';
import { json, jsonl, verlJsonl } from './formats/jsonl.ts';
import { mlflow } from './formats/mlflow.ts';
import { nemoRlConsole } from './formats/nemoRlConsole.ts';
import { notebook } from './formats/notebook.ts';
import { openrlhfConsole } from './formats/openrlhfConsole.ts';
import { otbMetrics } from './formats/otbMetrics.ts';
import { primeRlConsole } from './formats/primeRlConsole.ts';
import { skyrlConsole } from './formats/skyrlConsole.ts';
import { slimeConsole } from './formats/slimeConsole.ts';
import { tensorboard } from './formats/tensorboard.ts';
import { trackio } from './formats/trackio.ts';
import { trainerState } from './formats/trainerState.ts';
import { verlConsole } from './formats/verlConsole.ts';
import { wandb } from './formats/wandb.ts';

/** The formats of other programs, the more telling first: of two that are as sure of a file, the first one reads it. */
export const formats: readonly RunFormat[] = [
  otbMetrics,
  tensorboard,
  wandb,
  mlflow,
  trackio,
  csv,
  trainerState,
  notebook,
  verlConsole,
  verlJsonl,
  jsonl,
  json,
  openrlhfConsole,
  skyrlConsole,
  slimeConsole,
  primeRlConsole,
  nemoRlConsole,
  hfConsole,
];

/** The format of this name. Throws a TypeError where there is none: whoever asks has it from a format. */
export function formatNamed(name: string): RunFormat {
  const format = formats.find((one) => one.name === name);
  if (!format) throw new TypeError(`No format is called ${name}`);
  return format;
}
