import type { Trajectory } from '../../src/core/records/trajectory.ts';
import { printableLine } from '../../src/core/printable.ts';

/** The text of a trajectory in lines that fit: as they are all equally high, only those in sight need be in the page. */
export interface TextLine {
  readonly part: 'prompt' | 'chosen' | 'answer';
  /** At the first line of a part: what it is. */
  readonly label: string;
  readonly pieces: readonly Piece[];
}

/** A token, or as much of one as is on the line. */
interface Piece {
  /** Its place in the response, or in the prompt on lines of this. */
  readonly token: number;
  readonly text: string;
}

interface Part {
  readonly part: TextLine['part'];
  readonly label: string;
  readonly texts: readonly string[];
  readonly from: number;
}

/** `columns`: characters to a line. */
export function linesOf(trajectory: Trajectory, columns: number): readonly TextLine[] {
  return partsOf(trajectory).flatMap((part) => brokenInto(part, Math.max(8, columns)));
}

function partsOf({ prompt, response, mask }: Trajectory): readonly Part[] {
  const parts: Part[] = prompt.length === 0 ? [] : [{ part: 'prompt', label: 'Prompt', texts: prompt, from: 0 }];
  const isChosen = (token: number): boolean => mask?.[token] !== 0;
  const hasAnswers = mask?.includes(0) === true;
  let turn = 0;
  for (let from = 0, to = 0; from < response.length; from = to) {
    const chosen = isChosen(from);
    while (to < response.length && isChosen(to) === chosen) to++;
    if (chosen) turn++;
    const label = !chosen ? 'Tool' : hasAnswers ? `Turn ${turn}` : 'Response';
    parts.push({ part: chosen ? 'chosen' : 'answer', label, texts: response.slice(from, to), from });
  }
  return parts;
}

function brokenInto({ part, label, texts, from }: Part, columns: number): TextLine[] {
  const lines: TextLine[] = [];
  let pieces: Piece[] = [];
  let used = 0;
  const end = (): void => {
    lines.push({ part, label: lines.length === 0 ? label : '', pieces });
    pieces = [];
    used = 0;
  };
  texts.forEach((text, index) => {
    const rows = text.replaceAll('\r\n', '\n').split('\n');
    rows.forEach((row, number) => {
      const isBroken = number + 1 < rows.length;
      let rest = visible(row) + (isBroken ? '↵' : '');
      if (rest === '' && rows.length === 1) rest = '∅';
      while (rest !== '') {
        const width = widthOf(rest);
        if (used + width <= columns) {
          pieces.push({ token: from + index, text: rest });
          used += width;
          break;
        }
        const piece = fitting(rest, columns - used, used === 0);
        if (piece !== '') pieces.push({ token: from + index, text: piece });
        rest = rest.slice(piece.length);
        end();
      }
      if (isBroken) end();
    });
  });
  if (pieces.length > 0 || lines.length === 0) end();
  return lines;
}

/** As many words of a text as fit; of a first word that fits nowhere, as much as fits. */
function fitting(text: string, columns: number, mustFit: boolean): string {
  let width = 0;
  let end = 0;
  let afterSpace = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    end += character.length;
    if (character === ' ') afterSpace = end;
  }
  return text.slice(0, afterSpace > 0 ? afterSpace : mustFit ? Math.max(end, 1) : 0);
}

/** What would not be seen, as something that is. A space within a text is one; several, or one alone, are dots. */
function visible(text: string): string {
  return printableLine(text.replaceAll('\t', '→'))
    .replaceAll(/ {2,}|^ $/g, (spaces) => '·'.repeat(spaces.length))
    .replaceAll(/[\u200b-\u200d\u2060\ufeff]/g, '¦');
}

/** In columns of a font whose characters are equally wide, but for those that are twice as wide. */
function widthOf(text: string): number {
  // Nearly all of what there is to measure.
  if (/^[\x20-\u024f]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text)
    width += /\p{M}/u.test(character)
      ? 0
      : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
            character,
          )
        ? 2
        : 1;
  return width;
}
