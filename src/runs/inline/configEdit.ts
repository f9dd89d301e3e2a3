import type { Node } from 'jsonc-parser';
import type { ConfigPath } from '../../core/config/findings.ts';
import { endOf } from '../../core/inline/textEdit.ts';
import type { TextEdit } from '../../core/inline/textEdit.ts';
import type { ConfigOutline } from './configOutline.ts';

/*
 * The edits leave the layout and the comments around them as they are, also in lists and objects of one line, and the commas right;
 * jsonc-parser's own `modify` does not: it breaks ["a", "b"] without its last element, and moves comments to other values.
 */

/** Writes another value; one that is not there is added at the end of its section, and a missing section at the end of the config. */
export function setValue(
  outline: ConfigOutline,
  path: readonly [string] | readonly [string, string],
  value: string | number,
): readonly TextEdit[] {
  const written = JSON.stringify(value);
  const present = outline.span(path);
  if (present) return [{ ...present, content: written }];
  const [section, key] = path;
  const root = outline.node([]);
  if (key === undefined) return root ? addProperty(outline.text, root, section, written) : [];
  const parent = outline.node([section]);
  if (parent?.type === 'object') return addProperty(outline.text, parent, key, written);
  const object = `{ ${JSON.stringify(key)}: ${written} }`;
  if (parent) return [{ offset: parent.offset, length: parent.length, content: object }];
  return root ? addProperty(outline.text, root, section, object) : [];
}

/** Takes an element out of a list of two or more, with its comma and, where it stands on a line of its own, with the line. */
export function removeElement(outline: ConfigOutline, list: ConfigPath, index: number): readonly TextEdit[] {
  const { text } = outline;
  const elements = outline.node(list)?.children ?? [];
  const element = elements[index];
  const before = elements[index - 1];
  if (!element) return [];
  const end = endOf(element);
  const comma = commaAfter(text, end);
  const removed = comma === undefined ? end : comma + 1;
  const line = ownLine(text, element.offset, removed);
  if (line)
    return comma === undefined && before ? [removal(endOf(before), (commaAfter(text, endOf(before)) ?? endOf(before)) + 1), line] : [line];
  if (comma === undefined && before) return [removal(endOf(before), end)];
  return [removal(element.offset, removed + lengthAt(/[ \t]*/y, text, removed))];
}

function addProperty(text: string, object: Node, key: string, written: string): readonly TextEdit[] {
  const property = `${JSON.stringify(key)}: ${written}`;
  const last = object.children?.at(-1);
  if (!last) return [{ offset: object.offset + 1, length: 0, content: ` ${property} ` }];
  const end = endOf(last);
  const lineStart = startOfLine(text, last.offset);
  const indent = text.slice(lineStart, last.offset);
  const isOneLine = indent.trim() !== '' || !/[\r\n]/.test(text.slice(end, endOf(object)));
  if (isOneLine) return [{ offset: end, length: 0, content: `, ${property}` }];
  const comma = commaAfter(text, end);
  const known = comma === undefined ? end : comma + 1;
  // A comment behind the last value stays with it.
  const lineEnd = known + lengthAt(/[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/)?/y, text, known);
  const added = `${text.includes('\r\n') ? '\r\n' : '\n'}${indent}${property}${comma === undefined ? '' : ','}`;
  if (comma !== undefined) return [{ offset: lineEnd, length: 0, content: added }];
  return [{ offset: end, length: lineEnd - end, content: `,${text.slice(end, lineEnd)}${added}` }];
}

/** Where the comma stands that follows a value; undefined: none does. */
function commaAfter(text: string, end: number): number | undefined {
  const next = end + lengthAt(/(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y, text, end);
  return text[next] === ',' ? next : undefined;
}

/** The line with its break, where there is nothing on it but the given part and a comment behind it. */
function ownLine(text: string, start: number, end: number): TextEdit | undefined {
  const lineStart = startOfLine(text, start);
  const rest = lengthAt(/[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)?(?:\r\n|\n)/y, text, end);
  return rest > 0 && text.slice(lineStart, start).trim() === '' ? removal(lineStart, end + rest) : undefined;
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function removal(start: number, end: number): TextEdit {
  return { offset: start, length: end - start, content: '' };
}
