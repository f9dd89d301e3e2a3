/** Part of a text, in UTF-16 units from its beginning. */
export interface TextSpan {
  readonly offset: number;
  readonly length: number;
}

/** Puts `content` in place of a part of a text. */
export interface TextEdit extends TextSpan {
  readonly content: string;
}

export function endOf({ offset, length }: TextSpan): number {
  return offset + length;
}

/** The text with edits made that do not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { offset, length, content } of edits.toSorted((a, b) => b.offset - a.offset))
    result = result.slice(0, offset) + content + result.slice(offset + length);
  return result;
}
