import { withoutComments } from './scriptText.ts';
import type { ScriptSyntax } from './scriptText.ts';
import { endOf } from './textEdit.ts';
import type { TextEdit, TextSpan } from './textEdit.ts';

/** How a program is given a value: an override of Hydra's or a key of YAML (`a.b=1`), a flag (`--a 1`), or an argument of a Python call. */
export type Notation = 'override' | 'flag' | 'argument';

/** A value that a script is to give. */
export interface NewValue {
  readonly key: string;
  readonly value: string;
  readonly notation: Notation;
}

/**
 * Edits that give a program another value: where the text gives it one already, there, else beside `beside`, in the layout that is there.
 * None where nobody can tell how to write it.
 */
export function giveValue(text: string, syntax: ScriptSyntax, beside: TextSpan, given: NewValue): readonly TextEdit[] {
  if (syntax === 'yaml' && !isInside(text, beside, given)) return giveInYaml(text, given);
  const present = presentValue(text, syntax, given);
  if (present) return [{ ...present, content: given.value }];
  if (given.notation === 'argument') return addArgument(text, beside, given);
  return syntax === 'python' ? addToList(text, beside, given) : addToCommand(text, beside, given);
}

/** The value that a text gives, with what is in quotes without them; undefined: none. */
export function presentValue(
  text: string,
  syntax: ScriptSyntax,
  { key, notation }: Pick<NewValue, 'key' | 'notation'>,
): TextSpan | undefined {
  const code = withoutComments(text, syntax);
  const name = key.replaceAll('.', String.raw`\.`);
  const value = String.raw`(["']?)([^\s"'\\;&|()<>,\]]+)\1`;
  const before = {
    override: String.raw`(?<![\w.])${name}=`,
    flag: String.raw`(?<![\w-])--${name}(?:=|["'],\s*(?=["'])|[ \t]+)`,
    argument: String.raw`(?<![\w.])${name}[ \t]*=[ \t]*`,
  }[notation];
  const match = new RegExp(before + value).exec(code);
  if (!match) return yamlValue(code, syntax, key);
  const [all, quote = '', written = ''] = match;
  return { offset: match.index + all.length - quote.length - written.length, length: written.length };
}

/** A command in YAML, as launchers of clusters have it, is one of a shell. */
function isInside(text: string, beside: TextSpan, { notation }: NewValue): boolean {
  const written = text.slice(beside.offset, endOf(beside));
  return notation === 'override' ? /^[+\w.]+=/.test(written) : written.startsWith('--');
}

function written({ key, value, notation }: NewValue): string {
  return notation === 'flag' ? `--${key} ${value}` : `${key}=${value}`;
}

/** Behind a setting in a shell's command: on a line of its own, where that is. */
function addToCommand(text: string, beside: TextSpan, given: NewValue): readonly TextEdit[] {
  const at = text[endOf(beside)] === text[beside.offset - 1] && /["']/.test(text[endOf(beside)] ?? '') ? endOf(beside) + 1 : endOf(beside);
  const lineStart = text.lastIndexOf('\n', beside.offset - 1) + 1;
  const indent = text.slice(lineStart, beside.offset).replace(/["']$/, '');
  const rest = /[^\n]*/y;
  rest.lastIndex = at;
  const behind = rest.exec(text)?.[0].trim() ?? '';
  const isContinued = behind === '\\';
  const isAlone = indent.trim() === '' && (isContinued || behind === '');
  if (!isAlone) return [{ offset: at, length: 0, content: ` ${written(given)}` }];
  const isCommand = isContinued || /\\\r?\n$/.test(text.slice(0, lineStart));
  return [{ offset: at, length: 0, content: `${isCommand ? ' \\' : ''}${breakOf(text)}${indent}${written(given)}` }];
}

/** Behind a setting in a list of arguments in Python, or in JSON; none where it stands in no text of its own. */
function addToList(text: string, beside: TextSpan, { key, value, notation }: NewValue): readonly TextEdit[] {
  const end = endOf(beside);
  const quote = text[beside.offset - 1];
  if (quote !== '"' && quote !== "'") return [];
  const offset = text[end - 1] === quote ? end : end + 1;
  if (text[offset - 1] !== quote) return [];
  const parts = (notation === 'flag' ? [`--${key}`, value] : [`${key}=${value}`]).map((part) => `${quote}${part}${quote}`);
  const before = text.slice(text.lastIndexOf('\n', beside.offset - 1) + 1, beside.offset - 1);
  const isAlone = before.trim() === '' && /^,?[ \t]*\r?(?:\n|$)/.test(text.slice(offset, offset + 200));
  return [{ offset, length: 0, content: `,${isAlone ? `${breakOf(text)}${before}` : ' '}${parts.join(', ')}` }];
}

/** Beside an argument of a call in Python; where the setting is the call's name, as its first. */
function addArgument(text: string, beside: TextSpan, given: NewValue): readonly TextEdit[] {
  const end = endOf(beside);
  const opening = /[ \t]*\(/y;
  opening.lastIndex = end;
  const isName = opening.test(text);
  const lineStart = text.lastIndexOf('\n', beside.offset - 1) + 1;
  const indent = text.slice(lineStart, beside.offset);
  if (!isName) {
    // A class that is handed to a parser of arguments takes none.
    if (!text.slice(beside.offset, end).includes('=')) return [];
    const isAlone = indent.trim() === '' && /^,?[ \t]*\r?\n/.test(text.slice(end, end + 200));
    return [{ offset: end, length: 0, content: `,${isAlone ? `${breakOf(text)}${indent}` : ' '}${written(given)}` }];
  }
  const [inside = ''] = /^\s*/.exec(text.slice(opening.lastIndex)) ?? [];
  const isEmpty = text[opening.lastIndex + inside.length] === ')';
  const offset = isEmpty ? opening.lastIndex : opening.lastIndex + inside.length;
  return [{ offset, length: 0, content: isEmpty ? written(given) : `${written(given)},${inside.includes('\n') ? inside : ' '}` }];
}

/** A key of a YAML file with its place. */
interface YamlLine {
  readonly path: string;
  readonly indent: string;
  readonly value: TextSpan;
  /** Where the line ends, without its break. */
  readonly end: number;
}

const yamlKey = /^([ \t]*)([\w.]+)[ \t]*:(?=[ \t\r]|$)[ \t]*/;
const longestLine = 2000;

function yamlLines(code: string): readonly YamlLine[] {
  const lines: YamlLine[] = [];
  const sections: { readonly indent: string; readonly key: string }[] = [];
  let offset = 0;
  for (const line of code.split('\n')) {
    const [all = '', indent = '', key] = (line.length <= longestLine && yamlKey.exec(line)) || [];
    if (key !== undefined) {
      while ((sections.at(-1)?.indent.length ?? -1) >= indent.length) sections.pop();
      const value = line.slice(all.length).trimEnd();
      const path = [...sections.map((section) => section.key), key].join('.');
      lines.push({ path, indent, value: { offset: offset + all.length, length: value.length }, end: offset + all.trimEnd().length });
      sections.push({ indent, key });
    }
    offset += line.length + 1;
  }
  return lines;
}

function yamlValue(code: string, syntax: ScriptSyntax, key: string): TextSpan | undefined {
  return syntax === 'yaml' ? yamlLines(code).find(({ path, value }) => path === key && value.length > 0)?.value : undefined;
}

/** At its place among the sections that are there; missing ones are added below. */
function giveInYaml(text: string, { key, value }: NewValue): readonly TextEdit[] {
  const lines = yamlLines(withoutComments(text, 'yaml'));
  const present = lines.find((line) => line.path === key);
  if (present) return [{ ...present.value, content: present.value.length === 0 ? ` ${value}` : value }];
  const keys = key.split('.');
  const lineBreak = breakOf(text);
  for (let length = keys.length - 1; length > 0; length--) {
    const section = lines.find((line) => line.path === keys.slice(0, length).join('.'));
    if (!section) continue;
    // A section in braces is one that nobody here can add to.
    if (section.value.length > 0) return [];
    const inner = lines.find((line) => line.path.startsWith(`${section.path}.`))?.indent ?? `${section.indent}  `;
    const step = inner.slice(section.indent.length) || '  ';
    return [{ offset: section.end, length: 0, content: `${lineBreak}${nested(keys.slice(length), value, inner, step, lineBreak)}` }];
  }
  const before = text === '' || text.endsWith('\n') ? '' : lineBreak;
  return [{ offset: text.length, length: 0, content: `${before}${nested(keys, value, '', '  ', lineBreak)}${lineBreak}` }];
}

function nested(keys: readonly string[], value: string, indent: string, step: string, lineBreak: string): string {
  return keys.map((key, depth) => `${indent}${step.repeat(depth)}${key}:${depth === keys.length - 1 ? ` ${value}` : ''}`).join(lineBreak);
}

function breakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
