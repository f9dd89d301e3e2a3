import { TokenNumbers } from '../../core/records/trajectory.ts';
import { TokenTexts } from './tokenTexts.ts';

const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Digits that a double holds whatever they are, and the largest power of ten that it holds exactly: their quotient is rounded once. */
const exactDigits = 15;
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Digits of which any number fits into 32 bits. */
const shortDigits = 9;
const shortPowers = Float64Array.from(powersOfTen.slice(0, shortDigits + 1));

/** What the scanner does not read: whoever has the line parses it as any other JSON, or says what is wrong with it. */
const beyond = new Error('not a line that is read in this way');

/**
 * Reads a line of `rollouts/step-….jsonl` from its bytes, without an object for each number: a line has hundreds of thousands. A list
 * of texts is one under the keys `prompt` and `response`, every other a list of numbers.
 */
export class TrajectoryScanner {
  private readonly texts = new TokenTexts();
  private values = new Float32Array(1 << 12);
  private chosen = new Uint8Array(1 << 12);
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;

  /** The JSON object in `bytes` from `from` to before `to`, with lists of numbers as `TokenNumbers`; undefined: not to be read in this way. */
  scan(bytes: Buffer, from: number, to: number): Readonly<Record<string, unknown>> | undefined {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    try {
      this.skipSpace();
      const line = this.object(true);
      this.skipSpace();
      return this.at === to ? line : undefined;
    } catch (error) {
      if (error === beyond) return undefined;
      throw error;
    } finally {
      this.bytes = Buffer.alloc(0);
    }
  }

  private object(isOutermost: boolean): Readonly<Record<string, unknown>> {
    const object: Record<string, unknown> = {};
    this.take(openBrace);
    this.skipSpace();
    if (this.passes(closeBrace)) return object;
    do {
      this.skipSpace();
      const key = this.text();
      if (key === '__proto__') throw beyond;
      this.skipSpace();
      this.take(colon);
      this.skipSpace();
      object[key] = this.value(key, isOutermost);
      this.skipSpace();
    } while (this.passes(comma));
    this.take(closeBrace);
    return object;
  }

  private value(key: string, isOutermost: boolean): unknown {
    const code = this.bytes[this.at];
    if (code === openBracket) return isOutermost && (key === 'prompt' || key === 'response') ? this.textList() : this.numberList();
    if (code === openBrace && isOutermost) return this.object(false);
    if (code === quote) return this.text();
    if (this.passesWord('true')) return true;
    if (this.passesWord('false')) return false;
    if (this.passesWord('null')) return null;
    return this.number();
  }

  private textList(): readonly string[] {
    const list: string[] = [];
    this.take(openBracket);
    this.skipSpace();
    if (this.passes(closeBracket)) return list;
    do {
      this.skipSpace();
      list.push(this.text());
      this.skipSpace();
    } while (this.passes(comma));
    this.take(closeBracket);
    return list;
  }

  private numberList(): TokenNumbers {
    this.take(openBracket);
    this.skipSpace();
    let count = 0;
    if (!this.passes(closeBracket)) {
      do {
        this.skipSpace();
        if (count === this.values.length) this.grow();
        count = this.shortNumbers(count);
        this.skipSpace();
        const isNull = this.passesWord('null');
        this.values[count] = isNull ? Number.NaN : this.numberOrName();
        this.chosen[count++] = isNull ? 0 : 1;
        this.skipSpace();
      } while (this.passes(comma));
      this.take(closeBracket);
    }
    return new TokenNumbers(this.values.slice(0, count), this.chosen.slice(0, count));
  }

  /**
   * Takes the numbers that come next, as long as they are short and another value follows: nearly all of a file are. Returns how many
   * values there are then.
   */
  private shortNumbers(from: number): number {
    const { bytes, values, chosen } = this;
    // The last value is left to those who read any.
    const most = values.length - 1;
    let count = from;
    let next = this.at;
    while (count < most) {
      let at = next;
      let code = bytes[at]!;
      const isNegative = code === minus;
      if (isNegative) code = bytes[++at]!;
      const first = at;
      let mantissa = 0;
      for (; code >= zero && code <= nine; code = bytes[++at]!) mantissa = (Math.imul(mantissa, 10) + code - zero) | 0;
      let digits = at - first;
      if (digits === 0 || (digits > 1 && bytes[first] === zero)) break;
      let decimals = 0;
      if (code === point) {
        const before = ++at;
        for (code = bytes[at]!; code >= zero && code <= nine; code = bytes[++at]!) mantissa = (Math.imul(mantissa, 10) + code - zero) | 0;
        decimals = at - before;
        if (decimals === 0) break;
        digits += decimals;
      }
      if (code !== comma || digits > shortDigits) break;
      const size = mantissa / shortPowers[decimals]!;
      values[count] = isNegative ? -size : size;
      chosen[count++] = 1;
      at++;
      if (bytes[at] === space) at++;
      next = at;
    }
    this.at = next;
    return count;
  }

  private numberOrName(): number {
    if (this.bytes[this.at] !== quote) return this.number();
    if (this.passesWord('"NaN"')) return Number.NaN;
    if (this.passesWord('"Infinity"')) return Number.POSITIVE_INFINITY;
    if (this.passesWord('"-Infinity"')) return Number.NEGATIVE_INFINITY;
    throw beyond;
  }

  private number(): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    const first = at;
    let mantissa = 0;
    let code = bytes[at]!;
    for (; code >= zero && code <= nine; code = bytes[++at]!) mantissa = mantissa * 10 + (code - zero);
    let digits = at - first;
    if (digits === 0 || (digits > 1 && bytes[first] === zero)) throw beyond;
    let decimals = 0;
    if (code === point) {
      const before = at + 1;
      for (code = bytes[++at]!; code >= zero && code <= nine; code = bytes[++at]!) mantissa = mantissa * 10 + (code - zero);
      decimals = at - before;
      if (decimals === 0) throw beyond;
      digits += decimals;
    }
    let exponent = 0;
    if (code === 0x65 || code === 0x45) {
      const sign = bytes[at + 1];
      at += sign === minus || sign === plus ? 2 : 1;
      const before = at;
      for (code = bytes[at]!; code >= zero && code <= nine; code = bytes[++at]!) exponent = exponent * 10 + (code - zero);
      if (at === before) throw beyond;
      if (sign === minus) exponent = -exponent;
    }
    if (at > this.end) throw beyond;
    this.at = at;
    const power = exponent - decimals;
    if (digits > exactDigits || power < -22 || power > 22) return Number(bytes.toString('latin1', start, at));
    const size = power < 0 ? mantissa / powersOfTen[-power]! : mantissa * powersOfTen[power]!;
    return isNegative ? -size : size;
  }

  private text(): string {
    const { bytes } = this;
    this.take(quote);
    const start = this.at;
    let at = start;
    let hash = 0;
    let code = bytes[at]!;
    for (; code !== quote && code !== backslash && code >= space; code = bytes[++at]!) hash = (Math.imul(hash, 31) + code) | 0;
    while (code === backslash) {
      at += 2;
      for (code = bytes[at]!; code !== quote && code !== backslash && code >= space; code = bytes[++at]!);
    }
    if (at >= this.end || code !== quote) throw beyond;
    this.at = at + 1;
    const text = this.texts.read(bytes, start, at, hash);
    if (text === undefined) throw beyond;
    return text;
  }

  private take(code: number): void {
    if (!this.passes(code)) throw beyond;
  }

  private passes(code: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== code) return false;
    this.at++;
    return true;
  }

  private passesWord(word: string): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word.charCodeAt(index)) return false;
    if (at + word.length > this.end) return false;
    this.at += word.length;
    return true;
  }

  /** White space of JSON. */
  private skipSpace(): void {
    const { bytes, end } = this;
    let { at } = this;
    for (let code = bytes[at]; at < end && (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09); code = bytes[++at]);
    this.at = at;
  }

  private grow(): void {
    const values = new Float32Array(2 * this.values.length);
    values.set(this.values);
    this.values = values;
    const chosen = new Uint8Array(values.length);
    chosen.set(this.chosen);
    this.chosen = chosen;
  }
}
