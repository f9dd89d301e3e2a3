import { getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { ConfigFinding, ConfigPath } from '../../core/config/findings.ts';
import { formatPath } from '../../core/config/findings.ts';

/** Line and column in a file, both from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The text of a config: JSON with comments and trailing commas, and where each of its values stands. */
export class ConfigText {
  /** What the text says; undefined where it has a syntax error. */
  readonly value: unknown;
  readonly syntaxErrors: readonly (TextPosition & Omit<ConfigFinding, 'path'>)[];
  /** Keys that an object has twice. */
  readonly repeatedKeys: readonly (TextPosition & ConfigFinding)[];
  private readonly lineStarts: readonly number[];
  private readonly offsets = new Map<string, number>();

  constructor(text: string) {
    // A byte order mark is no part of the text; editors do not count it as a column.
    const source = text.replace(/^\uFEFF/, '');
    this.lineStarts = [0, ...[...source.matchAll(/\r\n|\n|\r/g)].map((match) => match.index + match[0].length)];
    const errors: ParseError[] = [];
    const root = parseTree(source, errors, { allowTrailingComma: true });
    const repeated: (TextPosition & ConfigFinding)[] = [];
    if (root) this.collect(root, [], root.offset, repeated);
    this.repeatedKeys = repeated;
    this.syntaxErrors = syntaxErrors(errors, root, source).map(({ offset, message, remedy }) => ({
      ...this.position(offset),
      message,
      remedy,
    }));
    this.value = root && this.syntaxErrors.length === 0 ? (getNodeValue(root) as unknown) : undefined;
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

  private collect(node: Node, path: ConfigPath, offset: number, repeated: (TextPosition & ConfigFinding)[]): void {
    this.offsets.set(formatPath(path), offset);
    if (node.type === 'array') node.children?.forEach((child, index) => this.collect(child, [...path, index], child.offset, repeated));
    if (node.type !== 'object') return;
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (!key || !value) continue;
      const child = [...path, String(key.value)];
      if (this.offsets.has(formatPath(child))) {
        repeated.push({
          ...this.position(property.offset),
          path: child,
          message: 'the key is there twice',
          remedy: 'Remove one of the two.',
        });
      }
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

const explanations: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  CommaExpected: ['a comma is missing before this', 'Add a comma after the value before it.'],
  ColonExpected: ['a colon is missing', 'Write "key": value.'],
  PropertyNameExpected: ['expected a key in double quotes', 'Write "key": value.'],
  ValueExpected: ['expected a value', 'Write a number, "text", true, false, null, […] or {…}.'],
  CloseBraceExpected: ['a closing } is missing', 'Add it.'],
  CloseBracketExpected: ['a closing ] is missing', 'Add it.'],
  EndOfFileExpected: ['expected the end of the file', 'Keep one {…} in the file.'],
  UnexpectedEndOfString: ['the closing quote of a text is missing', 'Add a double quote.'],
  UnexpectedEndOfComment: ['the closing */ of a comment is missing', 'Add it.'],
  InvalidNumberFormat: ['this is no number', 'Write for example 0.008 or 8e-3.'],
};

function syntaxErrors(
  errors: readonly ParseError[],
  root: Node | undefined,
  source: string,
): readonly { offset: number; message: string; remedy: string }[] {
  if (!root && source.trim() === '')
    return [{ offset: 0, message: 'the file is empty', remedy: 'Write {"name": "my-run"}: everything else has a default.' }];
  // One mistake makes the parser stumble several times; only the first place in a line tells anything.
  const first = errors.filter((error, index) => index === 0 || source.slice(errors[index - 1]?.offset, error.offset).includes('\n'));
  return first.map((error) => {
    const [message, remedy] = explanations[printParseErrorCode(error.error)] ?? [
      `this is no JSON (${printParseErrorCode(error.error)})`,
      'Write JSON; comments are allowed.',
    ];
    return { offset: error.offset, message, remedy };
  });
}
