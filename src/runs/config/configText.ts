import { findNodeAtLocation, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { ConfigFinding, ConfigPath } from '../../core/config/findings.ts';
import { formatPath } from '../../core/config/findings.ts';
import { parseConfigTree, valueOf } from './configTree.ts';
import { foreignText } from './foreignFile.ts';

/** Places told of a text with many mistakes of one kind; the rest are most likely of the same making. */
const mostPlaces = 20;

/** Line and column in a file, both from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The text of a config: JSON with comments and trailing commas, and where each of its values stands. */
export class ConfigText {
  /** What the text says; undefined where it has a syntax error, or is too much for a config. */
  readonly value: unknown;
  /** The first place where the text is too long, too deep or too full for a config, whatever it says. */
  readonly excess: (TextPosition & ConfigFinding) | undefined;
  readonly syntaxErrors: readonly (TextPosition & Omit<ConfigFinding, 'path'>)[];
  /** Keys that an object has twice. */
  readonly repeatedKeys: readonly (TextPosition & ConfigFinding)[];
  private readonly lineStarts: readonly number[];
  private readonly offsets = new Map<string, number>();
  private readonly source: string;
  private readonly root: Node | undefined;

  constructor(text: string) {
    // A byte order mark is no part of the text; editors do not count it as a column.
    const source = text.replace(/^\uFEFF/, '');
    this.source = source;
    const { root, errors, excess } = parseConfigTree(source);
    this.root = root;
    this.lineStarts = lineStartsOf(source, excess ? excess.offset : source.length);
    if (excess) {
      const { offset, ...finding } = excess;
      this.excess = { ...this.position(offset), ...finding };
    }
    const repeated: (TextPosition & ConfigFinding)[] = [];
    if (root) this.collect(root, [], root.offset, repeated);
    this.repeatedKeys = repeated.slice(0, mostPlaces);
    const mistakes = excess ? [] : syntaxErrors(errors, root, source);
    this.syntaxErrors = mistakes.slice(0, mostPlaces).map(({ offset, message, remedy }) => ({
      ...this.position(offset),
      message,
      remedy,
    }));
    this.value = root && this.syntaxErrors.length === 0 ? valueOf(root) : undefined;
  }

  /** Where the key (or array element) at `path` stands; where it is missing, its nearest ancestor that is there. */
  locate(path: ConfigPath): TextPosition {
    for (let length = path.length; length > 0; length--) {
      const offset = this.offsets.get(formatPath(path.slice(0, length)));
      if (offset !== undefined) return this.position(offset);
    }
    return this.position(this.offsets.get('') ?? 0);
  }

  /** Line of every key and array element in the file, by its path as `formatPath` writes it. */
  lines(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.offsets].filter(([path]) => path !== '').map(([path, offset]) => [path, this.position(offset).line]),
    );
  }

  /** A value as it is written, for what a number cannot hold: 9007199254740993, 1e400. */
  written(path: ConfigPath): string | undefined {
    const node = this.root && findNodeAtLocation(this.root, [...path]);
    return node && this.source.slice(node.offset, node.offset + node.length);
  }

  private collect(node: Node, path: ConfigPath, offset: number, repeated: (TextPosition & ConfigFinding)[]): void {
    this.offsets.set(formatPath(path), offset);
    if (node.type === 'array') node.children?.forEach((child, index) => this.collect(child, [...path, index], child.offset, repeated));
    if (node.type !== 'object') return;
    const keys = new Set<string>();
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (!key || !value) continue;
      const name = String(key.value);
      const child = [...path, name];
      if (keys.has(name)) {
        repeated.push({
          ...this.position(property.offset),
          path: child,
          message: 'the key is there twice',
          remedy: 'Remove one of the two.',
        });
      }
      keys.add(name);
      this.collect(value, child, property.offset, repeated);
    }
  }

  private position(offset: number): TextPosition {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }
}

/** Where lines begin in the text up to `end`; line breaks are those of any system. */
function lineStartsOf(source: string, end: number): readonly number[] {
  const starts = [0];
  for (const match of source.slice(0, end).matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

const explanations: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  CommaExpected: ['a comma is missing before this', 'Add a comma after the value before it.'],
  ColonExpected: ['a colon is missing', 'Write "key": value.'],
  PropertyNameExpected: ['expected a key in double quotes', 'Write "key": value.'],
  ValueExpected: ['expected a value', 'Write a number, "text", true, false, null, […] or {…}.'],
  CloseBraceExpected: ['a closing } is missing', 'Add it.'],
  CloseBracketExpected: ['a closing ] is missing', 'Add it.'],
  EndOfFileExpected: ['expected the end of the file', 'Keep one {…} in the file.'],
  UnexpectedEndOfString: ['the closing quote of a string is missing', 'Add a double quote.'],
  UnexpectedEndOfComment: ['the closing */ of a comment is missing', 'Add it.'],
  InvalidSymbol: ['this is not a number, text, true, false or null', 'Put strings in double quotes.'],
  InvalidCharacter: ['a string has a control character in it', 'Remove it, or write it as an escape such as \\n or \\u0000.'],
  InvalidEscapeCharacter: ['no escape sequence begins like this', 'Write \\\\ for a backslash.'],
  InvalidUnicode: ['\\u needs four hexadecimal digits', 'Write for example \\u00e9, or the character itself.'],
  InvalidCommentToken: ['a comment cannot stand here', 'Remove it.'],
  InvalidNumberFormat: ['this is not a number', 'Write for example 0.008 or 8e-3.'],
};

function syntaxErrors(
  errors: readonly ParseError[],
  root: Node | undefined,
  source: string,
): readonly { offset: number; message: string; remedy: string }[] {
  if (!root && source.trim() === '')
    return [{ offset: 0, message: 'the file is empty', remedy: 'Write {"name": "my-run"}: everything else has a default.' }];
  const foreign = errors.length === 0 ? undefined : foreignText(source);
  if (foreign) return [{ offset: 0, ...foreign }];
  // One mistake makes the parser stumble several times; only the first place in a line tells anything.
  const first = errors.filter((error, index) => index === 0 || source.slice(errors[index - 1]?.offset, error.offset).includes('\n'));
  return first.map((error) => {
    const [message, remedy] = explanations[printParseErrorCode(error.error)] ?? [
      `this is not JSON (${printParseErrorCode(error.error)})`,
      'Write JSON; comments are allowed.',
    ];
    return { offset: error.offset, message, remedy };
  });
}
