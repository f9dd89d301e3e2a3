import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Random } from '../../../src/core/random.ts';
import { parseMetrics } from '../../../src/core/records/metrics.ts';
import { RunHistory } from '../../../src/core/records/runHistory.ts';
import { MetricScanner } from '../../../src/runs/columns/metricScanner.ts';
import { FileTail } from '../../../src/runs/directory/fileTail.ts';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';
import { randomFile } from '../../../test/runs/columns/randomMetrics.ts';
import { mutatedBytes } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

const mostBytes = 2 << 20;

/** A metrics file as some program may write it, with bytes that no program writes. */
function metricsFile(random: Random, most: number): Buffer {
  const file = Buffer.from(randomFile(random, 1 + random.integer(random.chance(0.02) ? 2000 : 12)));
  return random.chance(0.5) ? mutatedBytes(random, file, most) : file;
}

function pieces(random: Random, file: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  const most = random.chance(0.5) ? 40 : 4096;
  for (let at = 0; at < file.length;) {
    const end = at + 1 + random.integer(Math.max(most, file.length / 50));
    chunks.push(file.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** @param kernelFile reader.wasm */
export function lineTargets(kernelFile: string): readonly FuzzTarget[] {
  return [
    {
      name: 'lines in pieces',
      weight: 10,
      prepare(random) {
        const file = metricsFile(random, mostBytes);
        const chunks = pieces(random, file);
        return {
          size: file.length,
          run() {
            const splitter = new LineSplitter();
            const lines = chunks.flatMap((chunk) => splitter.feed(chunk));
            agree(splitter.overlong > 0 || same(lines, new LineSplitter().feed(file)), 'lines do not depend on the pieces they come in');
          },
        };
      },
    },
    {
      name: 'growing files',
      weight: 0.5,
      prepare(random) {
        const first = metricsFile(random, 1 << 16);
        const chunks = pieces(random, metricsFile(random, 1 << 16)).slice(0, 8);
        const begins = random.chance(0.3);
        return { size: first.length, run: () => follow(first, chunks, begins) };
      },
    },
    {
      name: 'metrics in bulk',
      weight: 1,
      prepare(random) {
        const file = metricsFile(random, 1 << 19);
        let read: { readonly scanner: MetricScanner; readonly end: number } | undefined;
        return {
          size: file.length,
          run() {
            const scanner = new MetricScanner(kernelFile);
            scanner.input.set(file);
            read = { scanner, end: scanner.scan(file.length) };
          },
          check: () => read && agreesWithLines(read.scanner, read.end, file),
        };
      },
    },
  ];
}

/** A file that is written while it is followed: every line comes once, in order, and a file that begins anew is read anew. */
async function follow(first: Buffer, chunks: readonly Buffer[], begins: boolean): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-fuzz-'));
  const file = path.join(folder, 'metrics.jsonl');
  try {
    let lines: string[] = [];
    const tail = new FileTail(file, { lines: (more) => lines.push(...more), reset: () => (lines = []) });
    writeFileSync(file, first);
    await tail.read();
    if (begins) {
      truncateSync(file, 0);
      await tail.read();
    }
    let whole = begins ? Buffer.alloc(0) : first;
    for (const chunk of chunks) {
      appendFileSync(file, chunk);
      whole = Buffer.concat([whole, chunk]);
      await tail.read();
    }
    agree(same(lines, new LineSplitter().feed(whole)), 'a followed file has the lines that it has');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The WASM kernel and the line parser make the same history of any file. */
function agreesWithLines(scanner: MetricScanner, end: number, file: Buffer): void {
  const bulk = new RunHistory();
  for (const stretch of scanner.stretches.all) bulk.takeStretch(stretch);
  const lines = new RunHistory();
  const malformed = readByLine(lines, file);
  // What goes back all the time is left to the line parser.
  const malformedInBulk = scanner.malformed + readByLine(bulk, file.subarray(end));
  agree(malformedInBulk === malformed, `${malformed} lines are malformed, in bulk ${malformedInBulk}`);
  agree(bulk.lives.length === lines.lives.length, `${lines.lives.length} runs in the file, in bulk ${bulk.lives.length}`);
  const { table } = lines;
  agree(same(bulk.table.keys.toSorted(), table.keys.toSorted()), 'both find the same metrics');
  const [ours, theirs] = [[...bulk.table.records()], [...table.records()]];
  agree(ours.length === theirs.length, `${theirs.length} steps, in bulk ${ours.length}`);
  theirs.forEach((record, index) => {
    const found = ours[index];
    const isSame =
      found !== undefined &&
      Object.is(found.step, record.step) &&
      Object.is(found.time, record.time) &&
      table.keys.every((key) => Object.is(found.data[key], record.data[key]));
    agree(isSame, `step ${record.step} is the same in bulk`);
  });
}

/** Returns how many lines are malformed. */
function readByLine(history: RunHistory, file: Buffer): number {
  let malformed = 0;
  for (const line of new LineSplitter().feed(file)) {
    const record = parseMetrics(line);
    if (record) history.take(record);
    else if (line.trim() !== '') malformed++;
  }
  return malformed;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry === b[index]);
}
