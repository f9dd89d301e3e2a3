import { createScanner, parseTree } from 'jsonc-parser';
import type { Node, ParseError, SyntaxKind } from 'jsonc-parser';
import type { ConfigFinding, ConfigPath } from '../../core/config/findings.ts';

/** Characters of a config, comments included; people write a thousand or two. */
export const mostCharacters = 2 ** 20;
/** Objects and lists inside each other; a config needs three. The parser goes one call deeper with each. */
const mostLevels = 32;
/** Keys and list elements in all; more are no config, and each could be a finding. */
const mostValues = 20_000;

/** The first place where a text is too much for a config, whatever it says. */
interface TextExcess extends ConfigFinding {
  readonly offset: number;
}

/** The text of a config (JSON with comments and trailing commas) as a tree. */
export interface ConfigTree {
  /** Undefined where there is nothing in the text, or too much. */
  readonly root: Node | undefined;
  readonly errors: readonly ParseError[];
  readonly excess: TextExcess | undefined;
}

/** Takes any text whatever: what is too long, too deep or too full is not parsed, and said as `excess`. */
export function parseConfigTree(text: string): ConfigTree {
  const excess = excessOf(text);
  if (excess) return { root: undefined, errors: [], excess };
  const errors: ParseError[] = [];
  return { root: parseTree(text, errors, { allowTrailingComma: true }), errors, excess };
}

/** The value of a node, in which `__proto__` is a key like any other. */
export function valueOf(node: Node): unknown {
  if (node.type === 'array') return node.children?.map(valueOf) ?? [];
  if (node.type !== 'object') return node.value as unknown;
  const object: Record<string, unknown> = {};
  for (const { children = [] } of node.children ?? []) {
    const [key, value] = children;
    if (!key || !value) continue;
    Object.defineProperty(object, String(key.value), { value: valueOf(value), enumerable: true, configurable: true, writable: true });
  }
  return object;
}

// The scanner's tokens; jsonc-parser declares them as a const enum, which has no values at run time.
const tokens = {
  openBrace: 1 satisfies SyntaxKind.OpenBraceToken,
  closeBrace: 2 satisfies SyntaxKind.CloseBraceToken,
  openBracket: 3 satisfies SyntaxKind.OpenBracketToken,
  closeBracket: 4 satisfies SyntaxKind.CloseBracketToken,
  comma: 5 satisfies SyntaxKind.CommaToken,
  text: 10 satisfies SyntaxKind.StringLiteral,
  end: 17 satisfies SyntaxKind.EOF,
} as const;

/** Walks over the text once, without a call for each level, and stops at the first limit. */
function excessOf(text: string): TextExcess | undefined {
  const scanner = createScanner(text.length > mostCharacters ? text.slice(0, mostCharacters) : text, true);
  let levels = 0;
  let values = 0;
  let isList = false;
  // A key of the outermost object is what a reader finds again; below it a path could be as long as the text.
  let section: { readonly key: string; readonly offset: number } | undefined;
  let isKeyNext = false;
  const at = (offset: number, message: string, remedy: string): TextExcess => ({ offset, path: pathOf(section), message, remedy });
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan()) {
    const offset = scanner.getTokenOffset();
    switch (token) {
      case tokens.openBrace:
      case tokens.openBracket:
        levels++;
        if (levels > mostLevels)
          return at(offset, `more than ${mostLevels} brackets inside each other; a config needs 3`, 'Remove brackets.');
        if (levels === 1) [isList, isKeyNext] = [token === tokens.openBracket, token === tokens.openBrace];
        values++;
        break;
      case tokens.closeBrace:
      case tokens.closeBracket:
        levels = Math.max(0, levels - 1);
        break;
      case tokens.comma:
        values++;
        if (levels === 1 && !isList) isKeyNext = true;
        break;
      case tokens.text:
        if (isKeyNext && levels === 1) [section, isKeyNext] = [{ key: scanner.getTokenValue(), offset }, false];
        break;
    }
    if (values > mostValues)
      return at(
        section?.offset ?? offset,
        `too many values: with this key the file has more than ${mostValues}`,
        'Keep only what a config needs.',
      );
  }
  if (text.length <= mostCharacters) return undefined;
  const message = `the file is too long: it goes on behind character ${mostCharacters}, where a config has ended long ago`;
  return at(section?.offset ?? 0, message, 'Keep only what a config needs.');
}

function pathOf(section: { readonly key: string } | undefined): ConfigPath {
  return section === undefined || section.key === '' ? [] : [section.key.slice(0, 80)];
}
