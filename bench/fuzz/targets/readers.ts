import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Random } from '../../../src/core/random.ts';
import { isObject, parse } from '../../../src/core/records/json.ts';
import { RunHistory } from '../../../src/core/records/runHistory.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import type { RunFormat, RunPlace, RunSink } from '../../../src/runs/sources/format.ts';
import { formats } from '../../../src/runs/sources/formats.ts';
import { glimpse } from '../../../src/runs/sources/glimpse.ts';
import { scalars, start, version } from '../../../test/runs/sources/binary/eventBytes.ts';
import { configRecord, exitRecord, historyRecord, logFile } from '../../../test/runs/sources/binary/logBytes.ts';
import { flipped, mutatedFrames, mutatedLog, spliced } from '../readerMutation.ts';
import { mutatedText, pick } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

const mostBytes = 256 << 10;
const examples = path.resolve('test/data/producers');

/** One file of a run, or several by their paths. */
type Files = Readonly<Record<string, Buffer>>;

/** How the files of a format are made; `grows`: what is added to one may come later. */
interface Recipe {
  make(random: Random): Files;
  readonly grows: boolean;
}

const recipes: Readonly<Record<string, Recipe>> = {
  tensorboard: { make: (random) => ({ 'events.out.tfevents.1.host.1.0': events(random) }), grows: true },
  wandb: { make: (random) => ({ 'run-a.wandb': history(random) }), grows: true },
  mlflow: { make: (random) => (random.chance(0.8) ? mlflowFolder(random) : { 'mlflow.db': database(random, 'mlflow-sqlite/mlflow.db') }), grows: false },
  trackio: { make: (random) => ({ 'otb.db': database(random, 'trackio/otb.db') }), grows: false },
  'trainer-state': { make: (random) => ({ 'trainer_state.json': document(random) }), grows: false },
}; // prettier-ignore

/** The reader of each format, on files like those of its producers; all but those of whole documents also on a file that grows. */
export function readerTargets(): readonly FuzzTarget[] {
  return formats.map((format) => {
    const recipe = recipes[format.name] ?? { make: (random: Random) => ({ 'train.log': log(random, format.name) }), grows: true };
    return {
      name: `reader ${format.name}`,
      weight: 1,
      prepare(random) {
        const files = recipe.make(random);
        const split = random.uniform();
        return {
          size: Object.values(files).reduce((sum, { length }) => sum + length, 0),
          run: () => inFolder(files, (folder) => readBoth(format, folder, files, recipe.grows ? split : undefined)),
        };
      },
    };
  });
}

/** The folder of this process, in memory where the system has such files. */
let folder: string | undefined;

function folderHere(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'otb-fuzz-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
}

async function inFolder(files: Files, use: (folder: string) => Promise<void>): Promise<void> {
  const here = folderHere();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      if (name.includes('/')) mkdirSync(path.dirname(path.join(here, name)), { recursive: true });
      writeFileSync(path.join(here, name), bytes);
    }
    await use(here);
  } finally {
    for (const name of Object.keys(files)) rmSync(path.join(here, name), { force: true });
  }
}

async function readBoth(format: RunFormat, folder: string, files: Files, split: number | undefined): Promise<void> {
  const [name = ''] = Object.keys(files);
  const file = path.join(folder, name);
  format.sniff(await glimpse(file));
  const [place = { format: format.name, source: file }] = (await format.places?.(file).catch(refused)) ?? [];
  const whole = await read(format, place, (reader) => reader.read({ isLast: true }));
  const bytes = files[name];
  if (split === undefined || !bytes) return;
  const at = Math.floor(split * bytes.length);
  writeFileSync(file, bytes.subarray(0, at));
  const grown = await read(format, place, async (reader) => {
    await reader.read();
    appendFileSync(file, bytes.subarray(at));
    await reader.read({ isLast: true });
  });
  agree(whole === undefined || grown === undefined || same(whole, grown), `what a file says does not depend on when its last ${bytes.length - at} bytes come`); // prettier-ignore
}

/** What is read of a run; undefined: the reader said why it cannot read it. */
async function read(
  format: RunFormat,
  place: RunPlace,
  use: (reader: ReturnType<RunFormat['open']>) => Promise<void>,
): Promise<RunHistory | undefined> {
  let history = new RunHistory();
  const nothing = () => undefined;
  const sink: RunSink = {
    facts: nothing,
    metrics: (records) => void history.takeAll(records),
    stretches: (stretches) => stretches.forEach((stretch) => history.takeStretch(stretch)),
    forget: (from, keys) => history.forget(from, keys),
    malformed: ({ line, why }) => agree(Number.isInteger(line) && why !== '', 'a malformed part has a place and a reason'),
    note: nothing,
    end: nothing,
    reset: () => (history = new RunHistory()),
  };
  try {
    await use(format.open(place, sink));
    history.settle();
    return history;
  } catch (error) {
    refused(error);
    return undefined;
  }
}

/** What a reader may throw: a sentence for the user, or what the system says. */
function refused(error: unknown): undefined {
  if (!(error instanceof RunDirectoryError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
}

function same({ table: one }: RunHistory, { table: other }: RunHistory): boolean {
  if (one.length !== other.length || one.keys.length !== other.keys.length) return false;
  return one.keys.every((key) => {
    const [a, b] = [one.series(key), other.series(key)];
    return a !== undefined && b !== undefined && equal(a.steps, b.steps) && equal(a.values, b.values);
  });
}

function equal(one: Float64Array, other: Float64Array): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

/** Logs by the format that reads them; formats without any of their own get all. */
let found: readonly { readonly formats: readonly string[]; readonly text: string }[] | undefined;

function logs() {
  return (found ??= readdirSync(examples, { recursive: true })
    .map(String)
    .filter((name) => /\.(?:log|jsonl|json|csv)$/.test(name) && !/reference/.test(name))
    .toSorted()
    .map((name) => ({
      formats: name.endsWith('.csv') ? ['csv'] : /verl/.test(name) ? ['verl-console'] : name.endsWith('.log') ? ['trl-console'] : [],
      text: readFileSync(path.join(examples, name), 'utf8').slice(0, 1 << 16),
    })));
}

const ownMetrics = '{"step":1,"time":1700000000.1,"data":{"actor/grad_norm":0.31,"critic/score/mean":NaN}}\n'.repeat(4);

function log(random: Random, format: string): Buffer {
  const own = logs().filter((one) => one.formats.includes(format));
  const from = own.length > 0 && random.chance(0.9) ? own : logs();
  const isMetrics = format === 'metrics' && random.chance(0.8);
  return mutatedLog(random, isMetrics ? ownMetrics : pick(random, from).text, mostBytes);
}

function events(random: Random): Buffer {
  const records = [version()];
  for (let step = random.integer(3); records.length < 2 + random.integer(20); step += random.chance(0.1) ? -random.integer(5) : 1)
    records.push(random.chance(0.05) ? start(step) : scalars(step, { a: random.uniform(), 'b/c': step }));
  return mutatedFrames(random, records);
}

function history(random: Random): Buffer {
  const records = [configRecord({ seed: '1', lr: '{"value": 0.1}' })];
  for (let step = 0; records.length < 2 + random.integer(20); step++) {
    const value = pick(random, ['0.5', 'NaN', '"NaN"', '{"a": 1}', '[1]', '"x"', 'null', 'true', '1e999', '{"a": {"b": 2}}', '']);
    records.push(historyRecord(random.chance(0.1) ? undefined : step, { loss: String(random.uniform()), odd: value }));
    if (random.chance(0.03)) records.push(historyRecord(step, { long: JSON.stringify('x'.repeat(random.integer(70_000))) }));
  }
  if (random.chance(0.3)) records.push(exitRecord(random.integer(3)));
  return spliced(random, logFile(...records.map((record) => (random.chance(0.1) ? flipped(random, record) : record))));
}

function mlflowFolder(random: Random): Files {
  const meta = `experiment_id: '1'\nrun_id: abc\nstatus: 3\nstart_time: 1795812742398\nlifecycle_stage: active\nrun_name: "a\\xe9\\\n  \\ b"\n`;
  const lines = Array.from({ length: 1 + random.integer(12) }, (_, step) => `${1795812742398 + step} ${random.uniform()} ${step}`);
  return {
    'meta.yaml': random.chance(0.4) ? Buffer.from(mutatedText(random, meta, 4096)) : Buffer.from(meta),
    'metrics/actor/grad_norm': mutatedLog(random, lines.join('\n'), mostBytes),
    'metrics/loss': mutatedLog(random, lines.toReversed().join('\n'), mostBytes),
    'params/seed': Buffer.from(mutatedText(random, '31', 200)),
  };
}

const databases = new Map<string, Buffer>();

/** A database with some bytes changed, most often where a page begins, or the header, or where the text of the schema stands. */
function database(random: Random, name: string): Buffer {
  const base = databases.get(name) ?? readFileSync(path.join(examples, name));
  databases.set(name, base);
  let bytes = Buffer.from(base);
  const pages = bytes.length / 4096;
  for (let left = 1 + random.integer(6); left > 0; left--) {
    const at = random.integer(pages) * 4096;
    const where = pick(random, [random.integer(100), at + random.integer(12), at + 8 + random.integer(100), at + random.integer(4096)]);
    bytes[where] = random.chance(0.5) ? random.integer(256) : pick(random, [0, 1, 2, 5, 10, 13, 0x80, 0xff]);
    // A page in place of another one: a tree that goes round in circles.
    if (random.chance(0.1)) bytes.copy(bytes, random.integer(pages) * 4096, at, at + 4096);
  }
  if (random.chance(0.1)) bytes = bytes.subarray(0, random.integer(bytes.length));
  return bytes;
}

function document(random: Random): Buffer {
  const texts = logs().filter(({ text }) => isObject(parse(text)) && text.includes('"log_history"'));
  const base = parse(pick(random, texts).text) as { log_history: unknown[] };
  const from = random.integer(base.log_history.length);
  const short = { ...base, log_history: base.log_history.slice(from, from + 6) };
  const text = JSON.stringify(short, null, random.integer(3));
  return Buffer.from(random.chance(0.8) ? mutatedText(random, text, mostBytes) : text);
}
