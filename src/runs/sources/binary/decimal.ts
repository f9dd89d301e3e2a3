/** 10^0 … 10^22 are exact as float64; each beside itself as a sum of two numbers of half as many bits. */
const powers = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Times this, a float64 has its upper 26 bits apart from the others (Veltkamp). */
const splitter = 2 ** 27 + 1;
const upper = powers.map((power) => power * splitter - (power * splitter - power));
const lower = powers.map((power, index) => power - (upper[index] as number));

const mostPower = 22;
/** Digits of a number that go into its upper part; with those of the lower one they are at most 17, as many as a float64 needs. */
const upperDigits = 8;
const mostDigits = 17;
/** Whole numbers of so many digits are exact. */
const exactDigits = 15;
/** Of a quotient: more than the error that its second part has. */
const uncertain = 2 ** -100;

const [minus, plus, point, zero, lowerE] = [0x2d, 0x2b, 0x2e, 0x30, 0x65];

/**
 * Puts the number that the bytes [from, to), of which `view` is, spell in decimal into `numbers[index]`, rounded as `Number` rounds it,
 * without making a text of them, nor an object of the number. Returns whether they spell one.
 */
export function readDecimal(bytes: Buffer, view: DataView, from: number, to: number, numbers: Float64Array, index: number): boolean {
  const isNegative = bytes[from] === minus;
  const begin = isNegative ? from + 1 : from;
  let at = begin;
  let high = 0;
  let low = 0;
  let digits = 0;
  for (; at < to && isDigit(bytes[at] as number); at++) {
    const digit = (bytes[at] as number) - zero;
    if (digits < upperDigits) high = high * 10 + digit;
    else low = low * 10 + digit;
    if (digits > 0 || digit > 0) digits++;
  }
  let count = at - begin;
  let scale = 0;
  if (at < to && bytes[at] === point) {
    const pointAt = at++;
    if (digits === 0) while (at < to && bytes[at] === zero) at++;
    for (; digits <= upperDigits - 4 && at + 4 <= to; at += 4, digits += 4) {
      const four = fourDigits(view.getInt32(at, true));
      if (four < 0) break;
      high = high * 10_000 + four;
    }
    for (; digits < upperDigits && at < to && isDigit(bytes[at] as number); at++, digits++) high = high * 10 + (bytes[at] as number) - zero;
    for (; digits >= upperDigits && digits <= mostDigits - 4 && at + 4 <= to; at += 4, digits += 4) {
      const four = fourDigits(view.getInt32(at, true));
      if (four < 0) break;
      low = low * 10_000 + four;
    }
    for (; at < to && isDigit(bytes[at] as number); at++, digits++) low = low * 10 + (bytes[at] as number) - zero;
    scale = pointAt + 1 - at;
    count -= scale;
  }
  if (count === 0) return false;
  if (at < to) {
    const power = powerAt(bytes, at, to);
    if (Number.isNaN(power)) return false;
    scale += power;
  }
  if (digits > mostDigits || !putScaled(high, low, digits, scale, numbers, index))
    numbers[index] = Number(bytes.toString('latin1', from, to));
  else if (isNegative) numbers[index] = -(numbers[index] as number);
  return true;
}

/** The exponent, behind its "e"; NaN: there is none, or something behind it. */
function powerAt(bytes: Buffer, from: number, to: number): number {
  const sign = bytes[from + 1];
  let at = sign === minus || sign === plus ? from + 2 : from + 1;
  if (((bytes[from] as number) | 0x20) !== lowerE || at >= to) return Number.NaN;
  let power = 0;
  for (; at < to && isDigit(bytes[at] as number); at++) power = Math.min(power * 10 + (bytes[at] as number) - zero, 9999);
  if (at < to) return Number.NaN;
  return sign === minus ? -power : power;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}

/** The number that four bytes spell, the first one lowest; −1 where one is no digit. */
function fourDigits(bytes: number): number {
  const digits = bytes ^ 0x30303030;
  // The top bit of a byte is set where it is no digit.
  if ((((digits + 0x76767676) | digits) & 0x80808080) !== 0) return -1;
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/** Puts (high · 10^(digits of low) + low) · 10^scale into `numbers[index]`. Returns false where it cannot tell how to round. */
function putScaled(high: number, low: number, digits: number, scale: number, numbers: Float64Array, index: number): boolean {
  const whole = digits > upperDigits ? high * (powers[digits - upperDigits] as number) : high;
  const sum = whole + low;
  if (scale === 0) {
    numbers[index] = sum;
    return true;
  }
  if (scale < -mostPower || scale > mostPower) return false;
  if (digits <= exactDigits) {
    // Both are exact, so that their product or quotient is rounded once (Clinger, "How to read floating point numbers accurately", 1990).
    numbers[index] = scale > 0 ? sum * (powers[scale] as number) : sum / (powers[-scale] as number);
    return true;
  }
  if (scale > 0) return false;
  // The sum and what it was rounded by, divided: a quotient and, from the remainder, the next 50 bits of it (Dekker, 1971).
  const divisor = powers[-scale] as number;
  const quotient = sum / divisor;
  const product = quotient * divisor;
  const shifted = quotient * splitter;
  const a = shifted - (shifted - quotient);
  const b = quotient - a;
  const c = upper[-scale] as number;
  const d = lower[-scale] as number;
  const rounded = a * c - product + a * d + b * c + b * d;
  const rest = (sum - product - rounded + (low - (sum - whole))) / divisor;
  const margin = quotient * uncertain;
  const value = quotient + (rest - margin);
  numbers[index] = value;
  return value === quotient + (rest + margin);
}
