// Lines of metrics.jsonl into columns, for lines of a known shape. A shape is the path from the root of a tree to a leaf; see
// lineShapes.ts, which writes the tree. A node, 48 bytes: text address, text length, column (a leaf: number of the shape), first
// child (a leaf: 0), next sibling (none: 0), unused; then 16 bytes that mask the last block of the text.
import { isWhole, numberEnd, readNumber, refuseNumber } from './number';

/** Where `scan` stopped: the beginning of a line, or `end`. */
export let position: usize = 0;

/**
 * Reads lines from `at` and stops at the first that does not end by `end`, or has none of the shapes below `root`, or when `capacity`
 * lines are read, of which `first` were read before. Returns how many were. Line i puts its values into block[column][i], columns `stride` bytes apart, and the number
 * of its shape into shapes[i] (u16). Column 0 is the step, which must be finite, and with `whole` written as a whole number of at most 15 digits. A line of more
 * than `longest` bytes ends the scan as well. There must be a newline at `end`, and behind it room for the longest text.
 */
export function scan(at: usize, end: usize, root: usize, block: usize, stride: usize, shapes: usize, capacity: i32, powers: usize, smallest: i32, largest: i32, longest: i32, whole: bool, first: i32): i32 {
  let line = first;
  for (; line < capacity && at < end; line++) {
    const row = block + (<usize>line << 3);
    let p = at;
    let node = root;
    for (;;) {
      const column = load<i32>(node, 8);
      const child = load<u32>(node, 12);
      const length = <usize>load<u32>(node, 4);
      if (!matches(p, node, length) || (child != 0 && !beginsNumber(p + length))) {
        node = load<u32>(node, 16);
        if (node == 0) break;
        continue;
      }
      p += length;
      if (child == 0) {
        store<u16>(shapes + (<usize>line << 1), <u16>column);
        break;
      }
      const value = readNumber(p, powers, smallest, largest);
      if (column == 0 && whole && !isWhole(p, numberEnd)) refuseNumber();
      p = numberEnd;
      if (p == 0) {
        node = 0;
        break;
      }
      if (column >= 0) store<f64>(row + <usize>column * stride, value);
      node = child;
    }
    if (node == 0 || p > end || p - at > <usize>longest || !isFinite(load<f64>(row))) break;
    at = p;
  }
  position = at;
  return line;
}

/** Whether the text of a node is at `p`. */
@inline
function matches(p: usize, node: usize, length: usize): bool {
  let text = <usize>load<u32>(node);
  const last = text + length - ((length - 1) & 15) - 1;
  for (; text < last; text += 16, p += 16) if (v128.any_true(v128.xor(v128.load(p), v128.load(text)))) return false;
  return !v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(text)), v128.load(node, 32)));
}

@inline
function beginsNumber(p: usize): bool {
  const c = <u32>load<u8>(p);
  return c - 48 < 10 || c == 45;
}
