/** Control characters, marks that turn the reading direction, breaks of lines that look like none, and what is no character at all. */
const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u2028\u2029]/gu;

/**
 * Text that comes from a file, a path or a name, safe to show on a terminal: nothing in it moves the cursor, changes colours or turns
 * letters round. A control character becomes its picture, "␛" for escape. New lines and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(unprintable, (character) => (/[\n\t]/.test(character) ? character : picture(character)));
}

/** The same on a single line, for names and the cells of tables. */
export function printableLine(text: string): string {
  return text.replaceAll(unprintable, picture);
}

/** JSON whose texts are safe to show on a terminal, and still the same JSON: what JSON.stringify leaves raw is escaped too. */
export function printableJson(json: string): string {
  return json.replaceAll(unprintable, (character) =>
    character === '\n'
      ? character
      : Array.from(character.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '\uFFFD';
}
