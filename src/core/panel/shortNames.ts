const gap = '…';

/**
 * Names shortened to `room` characters each, in the middle, so that those that differ still do as far as there is room for that: of a
 * name stays its beginning and its end, or, where neither differs, the part that does. One that fits is left as it is.
 */
export function shortNames(names: readonly string[], room: number): readonly string[] {
  const long = [...new Set(names.filter((name) => name.length > room))];
  if (long.length === 0) return names;
  const [all, different] = [new Set(names), new Set(long)];
  let best: readonly string[] | null = null;
  let most = 0;
  for (const shorten of cuts(long, Math.max(2, room))) {
    const short = names.map((name) => (different.has(name) ? shorten(name) : name));
    const apart = new Set(short).size;
    if (best === null || apart > most) [best, most] = [short, apart];
    if (most === all.size) break;
  }
  return best ?? names;
}

type Cut = (name: string) => string;

/** Ways to shorten names, the best to read first. */
function cuts(names: readonly string[], room: number): readonly Cut[] {
  const kept = room - gap.length;
  const half = Math.ceil(kept / 2);
  // From halves outwards, first to longer ends: names differ in them more often.
  const heads = Array.from({ length: kept }, (_, index) => half + (index % 2 === 0 ? -index / 2 : (index + 1) / 2));
  const halves = heads
    .filter((head) => head >= 1 && head <= kept)
    .map(
      (head): Cut =>
        (name) =>
          joined(name.slice(0, letterBefore(name, head)), name.slice(letterAfter(name, name.length - (kept - head)))),
    );
  const start = commonStart(names);
  const first = Math.min(3, Math.max(0, start - 1), Math.max(0, kept - 6));
  const middle: Cut = (name) => {
    const rest = room - first - gap.length;
    const end = start + rest >= name.length ? name.length : start + rest - gap.length;
    const [head, from, to] = [letterBefore(name, first), letterAfter(name, start), letterBefore(name, end)];
    return name.slice(0, head) + gap + name.slice(from, to) + (end < name.length ? gap : '');
  };
  return [...halves, middle];
}

/** Where a name may be cut, at `at` or before it: an emoji or a letter with its marks is several characters, and is never cut. */
function letterBefore(name: string, at: number): number {
  return letterAt(name, at)?.index ?? at;
}

/** The same, at `at` or behind it. */
function letterAfter(name: string, at: number): number {
  const letter = letterAt(name, at);
  return letter === undefined || letter.index === at ? at : letter.index + letter.segment.length;
}

const letters = new Intl.Segmenter();

/** The letter that a character of a name is of; undefined: it is one of its own, or there is none. */
function letterAt(name: string, at: number): Intl.SegmentData | undefined {
  const isPlain = at <= 0 || at >= name.length || (name.charCodeAt(at) < 0x300 && name.charCodeAt(at - 1) < 0x300);
  return isPlain ? undefined : letters.segment(name.slice(0, at + mostMarks)).containing(at);
}

/** Characters of a letter behind the first of which it may be cut after all. */
const mostMarks = 40;

/** Without blanks beside the gap, which would make it look wide. */
function joined(head: string, tail: string): string {
  return `${head.trimEnd()}${gap}${tail.trimStart()}`;
}

/** How many characters names have in common at their beginning. */
function commonStart(names: readonly string[]): number {
  const [first = ''] = names;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length++;
  return length;
}
