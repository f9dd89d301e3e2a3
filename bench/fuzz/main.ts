// npm run bench:fuzz -- [--inputs N] [--seed S] [--parser NAME | --reader FORMAT] [--input I]: feeds mutated inputs to every parser of the product. Prints
// what each did, names an input at which one is stuck for a minute, and ends with exit code 1 when one crashed, took more than 100 ms or more than 64 MiB. `--parser NAME --input I`
// does a single input again.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzz, fuzzTargets, sharesOf } from './fuzz.ts';
import type { FuzzResult } from './fuzz.ts';
import { Watchdog } from './watchdog.ts';
import { Meter } from './meter.ts';

const limits = { ms: 100, mib: 64 } as const;
const mib = 2 ** 20;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    parser: { type: 'string' },
    reader: { type: 'string' },
    input: { type: 'string' },
  },
});
const targets = fuzzTargets(path.join(path.dirname(fileURLToPath(import.meta.url)), 'reader.wasm'));
const parser = values.reader === undefined ? values.parser : `reader ${values.reader}`;
const chosen = targets.filter(({ name }) => parser === undefined || name === parser);
if (chosen.length === 0) refuse(`There is no parser "${parser}"; there are: ${targets.map(({ name }) => name).join(', ')}.`);
if (values.input !== undefined && parser === undefined) refuse('--input goes with --parser: every parser has its own inputs.');
const [inputs, seed, only] = [count('inputs', 1), count('seed', 0), values.input === undefined ? undefined : count('input', 0)];

const meter = new Meter();
const watchdog = new Watchdog(targets.map(({ name }) => name));
const shares = sharesOf(chosen, inputs);
const results: FuzzResult[] = [];
const started = performance.now();
const atFirst = meter.kept();
for (const [index, target] of chosen.entries()) {
  const range = only === undefined ? { from: 0, to: shares[index] ?? 1 } : { from: only, to: only + 1 };
  const result = await fuzz(
    target,
    seed,
    range,
    (input) => meter.measure(input),
    (input) => watchdog.begin(target.name, input),
  );
  results.push(result);
  console.log(row(result));
  for (const { input, error } of result.crashes) console.log(`  ${again(target.name, input)}\n  ${error.stack ?? error.message}`);
}
const all = results.reduce((sum, { inputs: each }) => sum + each, 0);
const bad = results.filter(
  ({ crashCount, slowest, largest }) => crashCount > 0 || slowest.ms > limits.ms || largest.bytes > limits.mib * mib,
);
for (const { target, slowest, largest } of bad) {
  if (slowest.ms > limits.ms) console.log(`${target}: over ${limits.ms} ms: ${again(target, slowest.input)}`);
  if (largest.bytes > limits.mib * mib) console.log(`${target}: over ${limits.mib} MiB: ${again(target, largest.input)}`);
}
watchdog.end();
const seconds = ((performance.now() - started) / 1000).toFixed(0);
const kept = ((meter.kept() - atFirst) / mib).toFixed(1);
console.log(
  `${all} inputs in ${seconds} s, seed ${seed}; ${kept} MiB kept; at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB resident`,
);
console.log(bad.length === 0 ? 'all limits held' : `limits broken by ${bad.map(({ target }) => target).join(', ')}`);
process.exitCode = bad.length === 0 ? 0 : 1;

function row({ target, inputs: each, crashCount, slowest, largest }: FuzzResult): string {
  const time = `${slowest.ms.toFixed(1)} ms (input ${slowest.input}, size ${slowest.size})`;
  const memory = `${(largest.bytes / mib).toFixed(1)} MiB (input ${largest.input}, size ${largest.size})`;
  return `${target.padEnd(30)} ${String(each).padStart(8)} inputs  ${String(crashCount).padStart(4)} crashes  slowest ${time.padEnd(40)} most ${memory}`;
}

function again(parser: string, input: number): string {
  return `npm run bench:fuzz -- --seed ${seed} --parser "${parser}" --input ${input}`;
}

function count(name: 'inputs' | 'seed' | 'input', least: number): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < least) refuse(`--${name} takes a whole number from ${least}, not "${values[name]}".`);
  return value;
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
