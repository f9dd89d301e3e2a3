import { setOwn } from '../../core/records/json.ts';
import { pythonNumber } from './pythonNumber.ts';

/** What a Python program showed of an object: dicts as objects, lists, tuples and sets as arrays, `None` as null. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** Levels of dicts and lists that are still a config. */
const mostLevels = 100;

const closings: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
  '0': '\0',
  '\n': '',
};
const words: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
/** A value without quotes goes on to the next of these. */
const ends = new Set([',', ']', '}', ':']);

/**
 * Reads what `print`, `pprint` and `repr` show of dicts, lists and scalars: strings in pieces, tuples, `np.float64(0.5)`, bare nan and inf.
 * What is no literal, such as `<Role.ACTOR: 1>`, is its text. Undefined where the text is none as a whole, or nested too deep.
 */
export function pythonLiteral(text: string): PythonValue | undefined {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  return value !== undefined && reader.isAtEnd ? value : undefined;
}

/** Whether the brackets of a text that comes line by line are closed again; strings do not go on from one line to the next. */
export class BracketDepth {
  depth = 0;

  take(line: string): void {
    for (let at = 0; at < line.length; at++) {
      const char = line[at] as string;
      if (char === "'" || char === '"') at = endOfString(line, at) - 1;
      else if (char === '{' || char === '[' || char === '(') this.depth++;
      else if (char === '}' || char === ']' || char === ')') this.depth--;
    }
  }
}

class LiteralReader {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  value(level: number): PythonValue | undefined {
    this.skipSpace();
    const char = this.text[this.at];
    if (char === undefined || level > mostLevels) return undefined;
    if (char === "'" || char === '"') return this.strings();
    if (char === '{') return this.dict(level);
    if (char === '[' || char === '(') return this.list(closings[char] as string, level);
    return this.bare();
  }

  /** A dict, or a set, which has no colons. */
  private dict(level: number): PythonValue | undefined {
    const entries: Record<string, PythonValue> = {};
    const members: PythonValue[] = [];
    for (this.at++; ;) {
      if (this.takes('}')) return members.length > 0 ? members : entries;
      const key = this.value(level + 1);
      if (key === undefined) return undefined;
      if (this.takes(':')) {
        const value = this.value(level + 1);
        if (value === undefined) return undefined;
        setOwn(entries, String(key), value);
      } else members.push(key);
      if (!this.takes(',') && !this.isAt('}')) return undefined;
    }
  }

  private list(closing: string, level: number): PythonValue | undefined {
    const entries: PythonValue[] = [];
    let commas = 0;
    for (this.at++; ;) {
      // One value in parentheses is that value: a tuple has a comma.
      if (this.takes(closing)) return closing === ')' && entries.length === 1 && commas === 0 ? entries[0] : entries;
      const value = this.value(level + 1);
      if (value === undefined) return undefined;
      entries.push(value);
      if (this.takes(',')) commas++;
      else if (!this.isAt(closing)) return undefined;
    }
  }

  /** A string, and those that follow it without a comma, as pprint breaks a long one. */
  private strings(): string | undefined {
    const pieces: string[] = [];
    for (this.skipSpace(); this.isAt("'") || this.isAt('"'); this.skipSpace()) {
      const end = endOfString(this.text, this.at);
      if (end > this.text.length) return undefined;
      pieces.push(unescaped(this.text.slice(this.at + 1, end - 1)));
      this.at = end;
    }
    return pieces.join('');
  }

  /** A number, a word, a call or an object's repr: all up to the comma, colon or bracket that is none of its own. */
  private bare(): PythonValue | undefined {
    const from = this.at;
    const open: string[] = [];
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] as string;
      if (char === "'" || char === '"') this.at = endOfString(this.text, this.at) - 1;
      else if (open.length > 0 && char === open.at(-1)) open.pop();
      else if (char === '<') open.push('>');
      else if (closings[char] !== undefined) open.push(closings[char]);
      else if (open.length === 0 && (ends.has(char) || char === ')')) break;
      if (open.length > mostLevels) return undefined;
    }
    const text = this.text.slice(from, this.at).trim();
    if (text === '') return undefined;
    return Object.hasOwn(words, text) ? words[text] : (pythonNumber(text) ?? text);
  }

  private takes(char: string): boolean {
    const has = this.isAt(char);
    if (has) this.at++;
    return has;
  }

  private isAt(char: string): boolean {
    this.skipSpace();
    return this.text[this.at] === char;
  }

  private skipSpace(): void {
    while (this.at < this.text.length && (this.text.charCodeAt(this.at) <= 0x20 || this.text[this.at] === '\u00a0')) this.at++;
  }
}

/** Behind the string that begins at `at`; beyond the text where it does not end. */
function endOfString(text: string, at: number): number {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === quote) return end + 1;
  }
  return text.length + 1;
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([^]))/g, (_, hex?: string, unicode?: string, char = '') => {
    const code = hex ?? unicode;
    return code === undefined ? (escapes[char as string] ?? (char as string)) : String.fromCharCode(Number.parseInt(code, 16));
  });
}
