import type { ScriptSyntax } from './scriptText.ts';
import { endOf } from './textEdit.ts';
import type { TextSpan } from './textEdit.ts';

/** Patterns of a text in quotes, and of a word of a shell without. */
export const quoted = `"(?:\\\\.|[^"\\\\\\n])*"|'[^'\\n]*'`;
export const word = '(?:\\$\\{[^}\\n]*\\}|\\$\\([^)\\n]*\\)|[^\\s"\'\\\\;&|()<>,\\]])+';

/** The variable that a value is; undefined: it is something else. */
export function variableOf(value: string, syntax: ScriptSyntax): string | undefined {
  const [, shell, plain] = /^\$(?:\{([A-Za-z_]\w*)(?:[:?=+-][^}]*)?\}|([A-Za-z_]\w*))$/.exec(value) ?? [];
  if (shell !== undefined || plain !== undefined) return shell ?? plain;
  if (syntax === 'yaml') return /^\$\{oc\.env:([A-Za-z_]\w*)(?:,[^}]*)?\}$/.exec(value)?.[1];
  return syntax === 'python' ? /^\{?([A-Za-z_]\w*)\}?$/.exec(value)?.[1] : undefined;
}

/** Where a variable is given a value, at the beginning of a line. */
export function assignments(
  code: string,
  variable: string,
  syntax: ScriptSyntax,
): readonly { readonly span: TextSpan; readonly value: TextSpan }[] {
  const before = syntax === 'shell' ? '(?:(?:export|local|readonly|declare|typeset)[ \\t]+(?:-\\w+[ \\t]+)*)?' : '';
  const equals = syntax === 'shell' ? '=' : '[ \\t]*(?::[^=\\n]*)?=[ \\t]*';
  const value = syntax === 'shell' ? `${quoted}|${word}` : `${quoted}|[^=\\s][^\\n#]*`;
  // In Python's own functions a name may be that of another function's variable, so only those of the file as a whole count.
  const start = syntax === 'shell' ? '(?:^|;)[ \\t]*' : '^';
  const pattern = new RegExp(`${start}${before}(${escaped(variable)}${equals}(${value}))`, 'gm');
  return [...code.matchAll(pattern)].map((match) => {
    const [all, assignment = '', given = ''] = match;
    const span = { offset: match.index + all.length - assignment.length, length: assignment.length };
    return { span, value: lastOf(span, given.length) };
  });
}

/** Whether a value is a name as it stands, and nothing that has to be looked up. */
export function isName(code: string, value: TextSpan, syntax: ScriptSyntax): boolean {
  if (syntax === 'python' && !isQuotedIn(code, value)) return false;
  const inner = unquoted(code, value);
  return /^[\w.-]+$/.test(code.slice(inner.offset, endOf(inner)));
}

export function lastOf(span: TextSpan, length: number): TextSpan {
  return { offset: endOf(span) - length, length };
}

export function textOf(code: string, { offset, length }: TextSpan): string {
  return code.slice(offset, offset + length);
}

export function unquoted(code: string, span: TextSpan): TextSpan {
  return /^(["'])[^]*\1$/.test(textOf(code, span)) && span.length > 1 ? { offset: span.offset + 1, length: span.length - 2 } : span;
}

/** Whether a value in Python is a text, or part of one, and no expression. */
function isQuotedIn(code: string, span: TextSpan): boolean {
  if (/^["']/.test(textOf(code, span))) return true;
  // algorithm.adv_estimator=grpo in a list of arguments: the quotes are around the whole.
  const lineStart = code.lastIndexOf('\n', span.offset) + 1;
  return (code.slice(lineStart, span.offset).match(/(?<!\\)["']/g)?.length ?? 0) % 2 === 1;
}

export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
