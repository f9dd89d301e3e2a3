import { setOwn } from '../../core/records/json.ts';
import { pythonNumber } from './pythonNumber.ts';

/** What a Python program prints of a dict with strings as keys: "{'loss': 0.5, 'reward': np.float64(1.0)}". */
export interface PythonDict {
  /** `open`: the text ends within it; `broken`: what began like a dict is none. */
  readonly state: 'whole' | 'open' | 'broken';
  /** Its values that are whole, as they are printed, strings without their quotes; left out: lists, tuples, sets and dicts. */
  readonly values: ReadonlyMap<string, string>;
  /** Where it ends, or no longer can be one. */
  readonly end: number;
  /** Key of the value in which the text ends. */
  readonly lastKey: string | undefined;
}

/** Where a dict with a string as its first key begins; -1: nowhere. */
export function dictStart(text: string, from: number): number {
  return text.indexOf("{'", from);
}

/** Reads the dict that begins at `start`, in time in proportion to its length. */
export function pythonDict(text: string, start: number): PythonDict {
  return new DictParser(text, start).read();
}

/** Everything in a dict that is a number, or a string that is one. */
export function numbersIn(values: ReadonlyMap<string, string>): Record<string, number> {
  const data: Record<string, number> = {};
  for (const [key, text] of values) {
    const number = pythonNumber(text);
    if (number !== undefined) setOwn(data, key, number);
  }
  return data;
}

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

class DictParser {
  private readonly values = new Map<string, string>();
  private lastKey: string | undefined;

  constructor(
    private readonly text: string,
    private at: number,
  ) {}

  read(): PythonDict {
    this.at++;
    for (;;) {
      this.skipSpace();
      if (this.text[this.at] === '}') return this.done('whole', 1);
      const key = this.string();
      if (key === undefined) return this.done(this.isAtEnd ? 'open' : 'broken');
      this.lastKey = key;
      this.skipSpace();
      if (this.isAtEnd) return this.done('open');
      if (this.text[this.at] !== ':') return this.done('broken');
      this.at++;
      const value = this.value();
      if (value === 'open' || value === 'broken') return this.done(value);
      if (value.text !== undefined) this.values.set(key, value.text);
      this.lastKey = undefined;
      if (this.text[this.at] === ',') this.at++;
    }
  }

  private get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  private done(state: PythonDict['state'], more = 0): PythonDict {
    return { state, values: this.values, end: this.at + more, lastKey: this.lastKey };
  }

  private skipSpace(): void {
    while (this.text[this.at] === ' ') this.at++;
  }

  /** What is in quotes here; undefined: there are no quotes, or the text ends within them. */
  private string(): string | undefined {
    const quote = this.text[this.at];
    if (quote !== "'" && quote !== '"') return undefined;
    const end = endOfString(this.text, this.at);
    const inside = this.text.slice(this.at + 1, end - 1);
    this.at = Math.min(end, this.text.length);
    return end > this.text.length ? undefined : inside;
  }

  /** The value up to the comma or the brace behind it; its text undefined where it is nested. */
  private value(): 'open' | 'broken' | { readonly text: string | undefined } {
    this.skipSpace();
    const begin = this.at;
    const open: string[] = [];
    let isNested = false;
    for (; this.at < this.text.length; this.at++) {
      const character = this.text[this.at] as string;
      if (character === "'" || character === '"') {
        const end = endOfString(this.text, this.at);
        if (end > this.text.length) break;
        this.at = end - 1;
      } else if (character === '{' || character === '[' || character === '(') {
        isNested ||= open.length === 0 && this.at === begin;
        open.push(closing[character] as string);
      } else if (open.length > 0) {
        if (character === open.at(-1)) open.pop();
      } else if (character === ',' || character === '}') {
        const text = this.text.slice(begin, this.at).trim();
        if (text === '') return 'broken';
        return { text: isNested ? undefined : withoutQuotes(text) };
      }
    }
    this.at = this.text.length;
    return 'open';
  }
}

function withoutQuotes(text: string): string {
  const [first] = text;
  return (first === "'" || first === '"') && text.length > 1 && text.endsWith(first) ? text.slice(1, -1) : text;
}

/** Behind the string that begins at `at`; beyond the text where it does not end. */
function endOfString(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  return end + 1;
}
