// JSON numbers, rounded exactly as JSON.parse rounds them.

/** The value of a number whose text this code does not round itself. */
@external("env", "parseNumber")
declare function parseNumber(from: usize, to: usize): f64;

/** Where the number ended that `readNumber` read; 0: there was none. */
export let numberEnd: usize = 0;

/** Forgets the number that was read last. */
export function refuseNumber(): void {
  numberEnd = 0;
}

/** Whether a number is written as digits alone, at most 15, which are exact. */
export function isWhole(from: usize, to: usize): bool {
  if (load<u8>(from) == 45) from++;
  if (to - from > 15) return false;
  for (; from < to; from++) if (<u32>load<u8>(from) - 48 > 9) return false;
  return true;
}

/** Powers of ten that are exact, as float64. */
const exactPowers: StaticArray<f64> = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];
const smallPowers: StaticArray<u64> = [1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000];

const zeros: u64 = 0x3030303030303030;
/** Most digits that fit into 64 bits whatever they are. */
const mostDigits: usize = 19;

/** Whole numbers below this are exact as float64. */
const exactBelow: u64 = 1 << 53;

/** Reads the number at `p`. `powers`: see powersOfTen.ts. */
export function readNumber(p: usize, powers: usize, smallest: i32, largest: i32): f64 {
  numberEnd = 0;
  const from = p;
  const negative = load<u8>(p) == 45; // -
  if (negative) p++;
  const whole = p;
  let digits: u64 = 0;
  let next = <u32>load<u8>(p);
  for (; next - 48 < 10; next = <u32>load<u8>(++p)) digits = digits * 10 + next - 48;
  let count = p - whole;
  if (count == 0 || (count > 1 && load<u8>(whole) == 48)) return 0; // no digit, or 0 before others
  let exponent: i32 = 0;
  if (next == 46) { // .
    const fraction = ++p;
    let more: usize;
    do {
      const eight = load<u64>(p) ^ zeros;
      // The top bit of a byte is set if it is no digit; a carry only reaches bytes behind the first such one.
      const others = ((eight + 0x7676767676767676) | eight) & 0x8080808080808080;
      more = <usize>ctz(others) >> 3;
      if (more == 0) break;
      // The digits in the top bytes, the last one topmost, zeros below them; then sums of pairs, of fours, of eight.
      let v = eight << (64 - (<u64>more << 3));
      v = (v * 10 + (v >> 8)) & 0x00ff00ff00ff00ff;
      v = (v * 100 + (v >> 16)) & 0x0000ffff0000ffff;
      v = (v * 10000 + (v >> 32)) & 0xffffffff;
      digits = digits * unchecked(smallPowers[<i32>more]) + v;
      p += more;
    } while (more == 8);
    if (p == fraction) return 0;
    count += p - fraction;
    exponent = <i32>(fraction - p);
    next = <u32>load<u8>(p);
  }
  if ((next | 32) == 101) { // e or E
    p++;
    const sign = load<u8>(p);
    if (sign == 45 || sign == 43) p++;
    const first = p;
    let power: i32 = 0;
    for (let digit = <u32>load<u8>(p) - 48; digit < 10; digit = <u32>load<u8>(++p) - 48) power = min(power, 99999) * 10 + <i32>digit;
    if (p == first) return 0;
    exponent += sign == 45 ? -power : power;
  }
  numberEnd = p;
  if (count > mostDigits) {
    count -= leadingZeros(whole);
    if (count > mostDigits) return parseNumber(from, p);
  }
  let value: f64;
  if (digits < exactBelow && <u32>(exponent + 22) <= 44) {
    // Both are exact, so their product or quotient is rounded once (Clinger, "How to read floating point numbers accurately", 1990).
    const exact = <f64>digits;
    value = exponent < 0 ? exact / unchecked(exactPowers[-exponent]) : exact * unchecked(exactPowers[exponent]);
  } else {
    if (exponent < smallest || exponent > largest || digits == 0) return parseNumber(from, p);
    const bits = scale(digits, powers + (<usize>(exponent - smallest) << 4));
    if (bits == 0) return parseNumber(from, p);
    value = reinterpret<f64>(bits);
  }
  return negative ? -value : value;
}

/** Zeros of a number that begins at `p` before its first other digit. */
function leadingZeros(p: usize): usize {
  let count: usize = 0;
  for (let c = load<u8>(p); c == 48 || c == 46; c = load<u8>(++p)) if (c == 48) count++;
  return count;
}

/**
 * The bits of w · 10^q rounded to a float64, 0 where this code cannot tell how to round. After Lemire, "Number parsing at a gigabyte
 * per second" (2021), with a shorter table: `power` holds the leading 64 bits t of 5^q, cut off, and the exponent that belongs to
 * them. The true product is then between w·t and w·(t + 1), less than one unit of its upper 64 bits above w·t. Only a product that
 * close to half way between two floats is left to others: about one in a thousand.
 */
function scale(w: u64, power: usize): u64 {
  const shift = clz(w);
  const x = w << shift;
  const t = load<u64>(power);
  const low = x * t;
  const x0 = x & 0xffffffff, x1 = x >> 32, t0 = t & 0xffffffff, t1 = t >> 32;
  const middle = x1 * t0 + ((x0 * t0) >> 32);
  const high = x1 * t1 + (middle >> 32) + ((x0 * t1 + (middle & 0xffffffff)) >> 32);
  const extra = 10 + (high >> 63); // bits beyond the 53 of a float
  const half: u64 = 1 << (extra - 1);
  const rest = high & ((half << 1) - 1);
  if (rest == half - 1 || (rest == half && low == 0)) return 0;
  const up: u64 = rest >= half ? 1 : 0;
  // The leading bit of the mantissa adds one to the exponent.
  return ((load<u64>(power, 8) + extra - shift) << 52) + (high >> extra) + up;
}
