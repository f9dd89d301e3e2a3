// node bench/detector/pack.mjs recorded FOLDER: packs the labelled training curves of a folder into data/recorded.txt.br.
// node bench/detector/pack.mjs logs FOLDER: the numbers of the public logs that FOLDER/index.json lists into data/logs.txt.br.
// The format is described in data/README.md; packedRuns.ts reads it.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const digits = 5;
const entropyKeys = ['actor/entropy', 'entropy'];
const lengthKeys = ['response_length/mean', 'completions/mean_length', 'completion_length', 'avg_gen_tokens'];
const [kind, folder] = process.argv.slice(2);
if ((kind !== 'recorded' && kind !== 'logs') || folder === undefined) {
  console.error('usage: node bench/detector/pack.mjs recorded|logs FOLDER');
  process.exit(2);
}
const runs = kind === 'recorded' ? recordedRuns(folder) : publicLogs(folder);
const text = Buffer.from(runs.map(packed).join('\n'));
const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT } = constants;
const params = {
  [BROTLI_PARAM_QUALITY]: 11,
  [BROTLI_PARAM_LGWIN]: 24,
  [BROTLI_PARAM_SIZE_HINT]: text.length,
  [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT,
};
const file = fileURLToPath(new URL(`data/${kind}.txt.br`, import.meta.url));
const bytes = brotliCompressSync(text, { params });
writeFileSync(file, bytes);
console.log(`${runs.length} runs, ${text.length} bytes of text, ${bytes.length} bytes in ${path.relative(process.cwd(), file)}`);

/** A line with name and labels, then a line a column. */
function packed({ name, label, columns }) {
  const lines = Object.entries(columns)
    .filter(([, cells]) => cells.some((cell) => cell !== ''))
    .map(([column, cells]) => `${column} ${cells.map(short).join(',')}`);
  return `# ${name} ${label}\n${lines.join('\n')}\n`;
}

/** A number with as many digits as are kept; an empty cell, where nothing was logged, stays empty. */
function short(cell) {
  if (cell === '') return '';
  if (/^[-+]?(nan|inf)/i.test(cell)) return cell.toLowerCase().replace('infinity', 'inf');
  const [plain, scientific] = [String(Number(Number(cell).toPrecision(digits))), Number(Number(cell).toPrecision(digits)).toExponential()];
  return (plain.length <= scientific.length ? plain : scientific).replace('e+', 'e').replace(/^(-?)0\./, '$1.');
}

/** CSV files, each with a first line `# collapsed=… collapse_step=… onset=… recovered=…`. */
function recordedRuns(dir) {
  const names = readdirSync(dir).filter((name) => name.endsWith('.csv'));
  return names.sort().map((name) => {
    const [label, ...rows] = readFileSync(path.join(dir, name), 'utf8').trim().split('\n');
    const { phase: _, ...columns } = columnsOf(rows);
    return { name: name.replace(/\.csv$/, ''), label: label.replace(/^#\s*/, ''), columns };
  });
}

function columnsOf([header, ...rows]) {
  const cells = rows.map((row) => row.split(','));
  return Object.fromEntries(
    header
      .trim()
      .split(',')
      .map((column, i) => [column, cells.map((row) => (row[i] ?? '').trim())]),
  );
}
/** Numbers, label and onset window of each log; no text, no place. Its name is the program that wrote it, and a number. */
function publicLogs(dir) {
  const index = JSON.parse(readFileSync(path.join(dir, 'index.json'), 'utf8'));
  const counts = new Map();
  return index.map(({ name, file, reference, label, onset_step: onset, onset_window: window }) => {
    const program = name.split('-')[0];
    counts.set(program, (counts.get(program) ?? 0) + 1);
    const columns = columnsOf(readFileSync(path.join(dir, reference), 'utf8').trim().split('\n'));
    const labels = [`label=${label}`, ...(window == null ? [] : [`onset=${onset} onset_from=${window[0]} onset_to=${window[1]}`])];
    const others = witnesses(path.join(dir, file), columns.step);
    return {
      name: `${program}-${String(counts.get(program)).padStart(2, '0')}`,
      label: labels.join(' '),
      columns: { ...columns, ...others },
    };
  });
}

/** Entropy and response length, where the log has a value for each of its steps. */
function witnesses(file, steps) {
  const entries = entriesOf(file);
  const byStep = new Map(entries.filter(({ step }) => step !== undefined).map((entry) => [Number(entry.step), entry]));
  const rows = steps.map((step, i) => (byStep.size === entries.length ? byStep.get(Number(step)) : entries[i]));
  if (entries.length !== steps.length && byStep.size !== entries.length) return {};
  const column = (keys) => rows.map((row) => String(keys.map((key) => row?.[key]).find((value) => value !== undefined) ?? ''));
  return { entropy: column(entropyKeys), length: column(lengthKeys) };
}

function entriesOf(file) {
  if (statSync(file).isDirectory()) {
    const [inner] = readdirSync(file);
    return inner.endsWith('.json') ? entriesOf(path.join(file, inner)) : [];
  }
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.jsonl'))
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  if (file.endsWith('.json')) {
    const parsed = JSON.parse(text.replace(/\b(NaN|-?Infinity)\b/g, 'null'));
    return (parsed.log_history ?? parsed).filter((entry) => ['grad_norm', 'reward', 'reward_mean'].some((key) => key in entry));
  }
  const verl = text.split('\n').flatMap((line) => {
    const [, step, rest] = /\bstep:(\d+) - (.*)/.exec(line) ?? [];
    // The last field may be cut off.
    return step === undefined ? [] : [{ step, ...numbersOf(rest, /(\S+):(?:np\.float\d+\()?([-+.\deE]+)\)? - /g) }];
  });
  if (verl.length > 0) return verl;
  const joined = file.endsWith('.txt') ? text.replace(/\n(?!\{)/g, '') : text;
  return Array.from(joined.matchAll(/\{[^{}]*'grad_norm'[^{}]*\}/g), ([entry]) => {
    const { global_step: step, ...others } = numbersOf(entry, /'([^']+)': '?([-+.\deE]+)/g);
    return step === undefined ? others : { step, ...others };
  });
}

function numbersOf(text, pattern) {
  return Object.fromEntries(Array.from(text.matchAll(pattern), ([, key, value]) => [key, value]));
}
