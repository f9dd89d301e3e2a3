import type { Random } from '../../src/core/random.ts';
import { framed } from '../../test/runs/sources/binary/eventBytes.ts';
import { mutatedBytes, pick } from './mutation.ts';

/** What logs have between their records, or in them where a terminal or another process cut them off. */
const interruptions = [
  '\r', '\r\n', '\u001b[0m', '\u001b[2K\r', '\u001b[31;1mstep', '\u001b]0;title\u0007', '\b\b\b', '\0', '\ufeff', '(TaskRunner pid=1) ',
  '(WorkerDict pid=2) [repeated 10x across cluster]', 'Training:  50%|█████     | 5/10 [00:01<00:01,  3.1it/s]', 'Traceback (most recent call last):\n',
  'step:', 'step:1 - ', ' - ', '{', '}', "{'loss': ", '"', "'", '""', ',', ',,,,', ';', '\t', '#{"t_start": 1}', '1e999', '-1e999', '9'.repeat(400),
  'np.float64(', 'tensor(', 'nan', '"5/3766"', '"13%"', '[[[[', '{"a":'.repeat(600), '99999999999999999999', '-1', '0.1.2', '1_000',
] as const; // prettier-ignore

/** A piece of a log, with lines that were cut, doubled, joined, swapped, interrupted or made long. */
export function mutatedLog(random: Random, base: string, most: number): Buffer {
  const all = base.split('\n');
  const from = random.chance(0.5) ? 0 : random.integer(all.length);
  let lines = all.slice(from, from + 2 + random.integer(12));
  for (let left = random.integer(6); left > 0; left--) lines = mutatedLines(random, lines);
  const text = lines.join(random.chance(0.05) ? '\r\n' : '\n') + (random.chance(0.7) ? '\n' : '');
  return (random.chance(0.3) ? mutatedBytes(random, Buffer.from(text), most) : Buffer.from(text)).subarray(0, most);
}

function mutatedLines(random: Random, lines: readonly string[]): string[] {
  const at = random.integer(lines.length);
  const line = lines[at] ?? '';
  const cut = random.integer(line.length + 1);
  const changed = (...instead: readonly string[]) => [...lines.slice(0, at), ...instead, ...lines.slice(at + 1)];
  switch (random.integer(9)) {
    case 0:
      return changed(line.slice(0, cut));
    case 1:
      return changed(line, line);
    case 2:
      return [...lines.slice(0, at), `${line}${lines[at + 1] ?? ''}`, ...lines.slice(at + 2)];
    case 3:
      return changed(line.slice(0, cut), line.slice(cut));
    case 4:
      return changed(line.slice(0, cut) + pick(random, interruptions).repeat(random.chance(0.02) ? 5000 : 1) + line.slice(cut));
    case 5:
      return changed(line.replace(/\d+/, () => pick(random, ['0', '-1', '1e308', '9007199254740993', '99999999999', 'nan', ''])));
    case 6:
      return [...lines.slice(at), ...lines.slice(0, at)];
    case 7:
      return changed(...Array.from({ length: 1 + random.integer(random.chance(0.02) ? 1200 : 4) }, () => line));
    default:
      return changed(pick(random, interruptions), line);
  }
}

/** Records of a TFRecord file, some with other bytes in them under a right checksum, some with a wrong length or checksum. */
export function mutatedFrames(random: Random, records: readonly Buffer[]): Buffer {
  const frames = records.map((record) => {
    const frame = framed(random.chance(0.2) ? flipped(random, record) : record);
    if (random.chance(0.1)) return flipped(random, frame);
    if (random.chance(0.03)) frame.writeUInt32LE(pick(random, [0, 1, 0x7fffffff, 0xffffffff, frame.length * 2]), 0);
    return frame;
  });
  return spliced(random, Buffer.concat(frames));
}

/** Bytes with some of them another value, moved, doubled, missing, or nothing but zeros at the end. */
export function spliced(random: Random, bytes: Buffer): Buffer {
  if (random.chance(0.4)) return bytes;
  const at = random.integer(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.integer(200));
  switch (random.integer(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.integer(40_000))]);
    default:
      return flipped(random, bytes);
  }
}

export function flipped(random: Random, bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  for (let left = 1 + random.integer(5); left > 0 && other.length > 0; left--)
    other[random.integer(other.length)] = random.chance(0.5) ? random.integer(256) : pick(random, [0, 1, 0x7f, 0x80, 0xff]);
  return other;
}
