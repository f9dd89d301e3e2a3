import { usualPython } from '../runs/launcher/pythonChoice.ts';
import { installCommand, trlRequirement } from '../runs/launcher/trlPackage.ts';
import { lastLine, ownError } from './traces.ts';
import type { Cause, Traces } from './traces.ts';

/** How Python ends with an error of ours, which is a sentence and a remedy on one line. */
const ownSentence = /^otb_trl\.errors\.OTBError: (.+)$/;
/** Characters of it that are worth a place in a sentence. */
const mostShown = 1000;

/** What TRL cannot do without, and what its installation brings. */
const parts = 'torch|transformers|datasets|accelerate|tokenizers|trl';
const missingModule = new RegExp(String.raw`: No module named '?(${parts})(?![\w-])`);
/** A name that a newer version has. */
const olderModule = new RegExp(String.raw`\bImportError: cannot import name .* from '(${parts})\b`);

/** The cause of which a run of trainer "trl" itself says what to do; undefined: none is known, it is one of any program. */
export function trlCause(traces: Traces): Cause | undefined {
  return saidByItself(traces) ?? missingPart(traces);
}

/** What to lower when the memory of a GPU does not do, by the names of TRL. */
export const trlMemoryRemedy =
  'Under "trl", lower "per_device_train_batch_size" and raise "gradient_accumulation_steps" as much, lower "max_completion_length", or write "gradient_checkpointing": true.';

function saidByItself(traces: Traces): Cause | undefined {
  const [, said] = ownSentence.exec(lastLine(traces, ownSentence) ?? '') ?? [];
  return said === undefined ? undefined : { sentence: said.length > mostShown ? `${said.slice(0, mostShown)}…` : said, remedy: null };
}

function missingPart(traces: Traces): Cause | undefined {
  const own = ownError(traces.errors);
  const install = installCommand(traces.python ?? usualPython.program, trlRequirement);
  const text = (sign: RegExp): string => (own === undefined ? lastLine(traces, sign) : own.message) ?? '';
  const [, module] = missingModule.exec(text(missingModule)) ?? [];
  if (module !== undefined) {
    const what = module === 'trl' ? 'it' : 'TRL, which brings it,';
    return { sentence: `The Python module ${module} is not installed.`, remedy: `Install ${what} into the Python that trains: ${install}` };
  }
  const [, older] = olderModule.exec(text(olderModule)) ?? [];
  if (older === undefined) return undefined;
  return {
    sentence: `The Python module ${older} is of a version that does not fit.`,
    remedy: `Install one that does into the Python that trains: ${install.replace(' install ', ' install --upgrade ')}`,
  };
}
