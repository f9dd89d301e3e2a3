import type { Random } from '../../../src/core/random.ts';

const keys = [
  'a',
  'actor/grad_norm',
  'critic/score/mean',
  'num_turns:min',
  'lengthy/'.repeat(9),
  'größe',
  '日本',
  '😀',
  '\\u00e9',
  '\\"',
  '\\\\',
  '":1,"',
  'NaN',
  ',NaN,',
  '7',
  '12',
  '',
  '__proto__',
  'step',
  'data',
  'x{',
  '-1',
  'toString',
];
const otherValues = [
  'null',
  'true',
  '"NaN"',
  '"Infinity"',
  '"-Infinity"',
  '"1"',
  '"NaN here"',
  '[1,2]',
  '{"a":1}',
  '[]',
  '{}',
  'NaN',
  'Infinity',
  '-Infinity',
  '"\\"1,"',
  '"7"',
];
const badNumbers = ['01', '1.', '.5', '+1', '1e', '1e+', '--1', '-', '1.5.5', '0x1', '1_000', '00', '-01', '1 2', 'nan', 'inf'];
const brokenLines = [
  '',
  ' ',
  '\t',
  'noise',
  '{',
  '{"step":1}',
  '{"step":"1","data":{}}',
  '[1]',
  '\ufeff{"step":1,"data":{}}',
  '\ufeff',
  'null',
  '{"step":1e999,"data":{"a":1}}',
  '1',
  '{"step":1,"time":2,"data":{"a":1}} 3',
  '\u0000',
  '\u00a0',
];

/** A number as some program may write it; every way must come back rounded as JSON.parse does. */
export function randomNumber(random: Random): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.integer(10)).join('');
  const sign = random.integer(3) === 0 ? '-' : '';
  const kinds: readonly (() => string)[] = [
    () => String(random.integer(100)),
    () => String(random.uniform()),
    () => String(random.uniform() * 10 ** (random.integer(60) - 30)),
    () => String(anyFloat(random)),
    () => random.uniform().toFixed(random.integer(20)),
    () => random.uniform().toExponential(random.integer(20)),
    () => `${1 + random.integer(9)}${digits(random.integer(25))}`,
    () => `0.${'0'.repeat(random.integer(12))}${digits(1 + random.integer(25))}`,
    () => `${1 + random.integer(9)}${digits(random.integer(18))}.${digits(1 + random.integer(18))}`,
    () =>
      `${random.integer(10)}.${digits(1 + random.integer(8))}${'eE'[random.integer(2)]}${['', '+', '-'][random.integer(3)]}${random.integer(400)}`,
    () => halfWay(random),
    () => '0',
    () => '0.0',
    () => '0e5',
  ];
  return sign + (kinds[random.integer(kinds.length)] as () => string)();
}

/** Lines of metrics as one program writes them: of a few shapes, with other lines between them. */
export function randomFile(random: Random, lines: number): string {
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)] as T;
  const names = Array.from({ length: 1 + random.integer(8) }, () => pick(keys));
  const [colon, comma] = pick([
    [':', ','],
    [': ', ', '],
    [' :\t', ' ,'],
  ]) as [string, string];
  const odd = pick([0, 0, 0.02, 0.2]);
  const value = (): string => (random.uniform() < odd ? pick([...otherValues, ...badNumbers]) : randomNumber(random));
  const shapes = Array.from({ length: 1 + random.integer(3) }, () => {
    const data = names.filter(() => random.integer(5) > 0);
    const fields = ['step', 'data', ...(random.integer(4) === 0 ? [] : ['time']), ...(random.integer(6) === 0 ? ['epoch', 'step'] : [])];
    if (random.integer(2) === 0) fields.sort().reverse();
    return { data, fields };
  });
  const object = (entries: readonly (readonly [string, string])[]): string =>
    `{${entries.map(([key, text]) => `"${key}"${colon}${text}`).join(comma)}}`;
  let step = 0;
  let text = '';
  for (let line = 0; line < lines; line++) {
    const { data, fields } = pick(shapes);
    if (random.integer(30) === 0) step = Math.max(-2, step - random.integer(20));
    else step += 1 + random.integer(2) * random.integer(3);
    const metrics = object(data.map((key) => [key, value()]));
    const whole = object(
      fields.map((field) => [field, field === 'step' ? stepText(random, step, odd) : field === 'data' ? metrics : value()]),
    );
    const cut = random.uniform() < odd ? pick([whole.slice(0, random.integer(whole.length)), pick(brokenLines)]) : whole;
    text += cut + (random.integer(50) === 0 ? '\r\n' : '\n');
  }
  return random.integer(2) === 0 ? text : text + pick(['{"step":1', 'x', '{"step":1,"data":{"a":1}}']);
}

function stepText(random: Random, step: number, odd: number): string {
  if (random.uniform() < odd) return ['1e2', '1e999', '-3', '2.5', '"4"', 'null', 'NaN', `${step}.0`][random.integer(8)] as string;
  return String(step);
}

function anyFloat(random: Random): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setUint32(0, random.integer(0x7ff00000));
  bits.setUint32(4, random.integer(2 ** 31) * 2 + random.integer(2));
  return bits.getFloat64(0);
}

/** A decimal that lies half way between two floats, or as near as 17 to 40 digits come to it. */
function halfWay(random: Random): string {
  const mantissa = 2n * (2n ** 52n + BigInt(random.integer(2 ** 30)) * 2n ** 22n + BigInt(random.integer(2 ** 22))) + 1n;
  const power = random.integer(140) - 100;
  const exact = power >= 0 ? mantissa * 2n ** BigInt(power) : mantissa * 5n ** BigInt(-power);
  const digits = exact.toString();
  const kept = Math.min(digits.length, 17 + random.integer(24));
  const nudge = BigInt(random.integer(3) - 1);
  return `${BigInt(digits.slice(0, kept)) + nudge}e${digits.length - kept + Math.min(0, power)}`;
}
