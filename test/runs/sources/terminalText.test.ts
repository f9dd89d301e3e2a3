import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';
import { TerminalText, terminalFormat } from '../../../src/runs/sources/terminalText.ts';
import type { TerminalLine } from '../../../src/runs/sources/terminalText.ts';
import { pythonNumber } from '../../../src/runs/sources/pythonNumber.ts';
import { temporaryFolder } from '../exampleRun.ts';
import { Told } from './told.ts';

const esc = '\u001b';

/** What a decoder is given of a text that comes in chunks of `size` bytes, the last line without its newline included. */
function linesOf(text: string, size = Infinity): readonly TerminalLine[] {
  const lines: TerminalLine[] = [];
  const reader = new TerminalText({ take: (line) => lines.push(line), takeTorn: (line) => lines.push(line) });
  const splitter = new LineSplitter({ atCarriageReturns: true });
  const bytes = Buffer.from(text);
  let number = 1;
  for (let at = 0; at < bytes.length; at += size) {
    const pieces = splitter.feed(bytes.subarray(at, at + size));
    reader.take(pieces, number);
    number += pieces.filter((piece) => !piece.endsWith('\r')).length;
  }
  if (splitter.withinLine) reader.takeTorn(splitter.heldText, number);
  return lines;
}

const seen = (text: string, size?: number) => linesOf(text, size).map(({ number, process, text: said }) => [number, process, said]);

describe('what a program wrote to its terminal', () => {
  it('is cut at carriage returns, and numbered by the lines of the file, however the bytes are cut', () => {
    const text = 'a\r\nbar 1\rbar 2\r\r\nlast: é\r\r\n\r\n\rstep\nend';
    for (let size = 1; size <= text.length + 1; size++)
      assert.deepEqual(seen(text, size), [
        [1, '', 'a'],
        [2, '', 'bar 1'],
        [2, '', 'bar 2'],
        [3, '', 'last: é'],
        [5, '', 'step'],
        [6, '', 'end'],
      ]);
  });

  it('comes without colours, titles and movements of the cursor', () => {
    const text = `${esc}[36mblue${esc}[0m ${esc}]0;title\u0007${esc}[Aup ${esc}]8;;http://x${esc}\\link${esc}(B${esc}=\n`;
    assert.deepEqual(seen(text), [[1, '', 'blue up link']]);
  });

  it('says which process of Ray wrote it, also behind a progress bar, and not that others wrote the same', () => {
    const text = [
      `${esc}[36m(TaskRunner pid=12)${esc}[0m one`,
      `(WorkerDict pid=13, ip=10.0.0.7) two${esc}[32m [repeated 10x across cluster] (Ray deduplicates logs by default. Set …)${esc}[0m`,
      `${esc}[36m(TaskRunner pid=12)${esc}[0m \rbar 1\rbar 2(WorkerDict pid=13) three [repeated 2x across cluster]`,
      'four (no process)',
    ].join('\n');
    assert.deepEqual(seen(`${text}\n`), [
      [1, 'TaskRunner pid=12', 'one'],
      [2, 'WorkerDict pid=13, ip=10.0.0.7', 'two'],
      [3, 'TaskRunner pid=12', 'bar 1'],
      [3, 'TaskRunner pid=12', 'bar 2'],
      [3, 'WorkerDict pid=13', 'three'],
      [4, '', 'four (no process)'],
    ]);
  });

  it('is cut off where a line has as many characters as W&B leaves it, unless another line has more', () => {
    const cut = `é${'x'.repeat(4095)}`;
    const isCut = (text: string) => linesOf(text).map((line) => line.isCut);
    assert.deepEqual(isCut(`${cut}\n${cut.slice(1)}\n${esc}[1m${cut}\n`), [true, false, true]);
    assert.deepEqual(isCut(`${cut}y\n${cut}\n`), [false, false]);
    assert.deepEqual(isCut(`bar\r${cut}\n`), [false, false]);
  });

  it('is read to its end although a progress bar draws itself anew in one line of many megabytes', async () => {
    const file = path.join(temporaryFolder(), 'train.log');
    writeFileSync(file, `begin\n${'step 1: |█████     |\r'.repeat(200_000)}found it\nend\n`);
    const found: TerminalLine[] = [];
    const format = terminalFormat({ name: 'f', title: '', sign: '', sniff: () => 1 }, () => ({
      take: (line) => line.text.startsWith('step') || found.push(line),
    }));
    const told = new Told();
    await format.open({ format: 'f', source: file }, told).read();
    assert.deepEqual(
      found.map(({ number, text }) => `${number} ${text}`),
      ['1 begin', '2 found it', '3 end'],
    );
    assert.deepEqual(told.malformedLines, []);
  });

  it('tells a line that never ends, and goes on behind it', async () => {
    const file = path.join(temporaryFolder(), 'train.log');
    writeFileSync(file, `begin\n${'x'.repeat(3 << 20)}\nend\n`);
    const found: string[] = [];
    const format = terminalFormat({ name: 'f', title: '', sign: '', sniff: () => 1 }, () => ({
      take: ({ number, text }) => found.push(`${number} ${text}`),
    }));
    const told = new Told();
    await format.open({ format: 'f', source: file }, told).read();
    assert.deepEqual([found, told.malformedLines.map(({ line }) => line)], [['1 begin', '3 end'], [2]]);
  });
});

describe('a number that Python printed', () => {
  it('is read whatever type it had', () => {
    const written: Readonly<Record<string, number>> = {
      '0.5': 0.5,
      ' -1e-05 ': -1e-5,
      '1.': 1,
      '.5': 0.5,
      '12': 12,
      'np.float64(0.1)': 0.1,
      'np.float32(1e-3)': 1e-3,
      'numpy.int64(-7)': -7,
      "tensor(0.25, device='cuda:0', dtype=torch.float64)": 0.25,
      'Array(3., dtype=float32)': 3,
      "Decimal('0.7')": 0.7,
      "'0.1234'": 0.1234,
      'np.float64(inf)': Infinity,
      '-inf': -Infinity,
      '-Infinity': -Infinity,
      nan: Number.NaN,
      NaN: Number.NaN,
      'np.float64(nan)': Number.NaN,
      '-0.0': -0,
    };
    for (const [text, value] of Object.entries(written)) assert.ok(Object.is(pythonNumber(text), value), text);
  });

  it('is none where it is something else or cut off', () => {
    for (const text of [
      '',
      'None',
      'True',
      'np.True_',
      '13%',
      '5/3766',
      'np.float64(0.1',
      '0.1)',
      "'x'",
      '[0.5]',
      'tensor([0.5])',
      '1_000',
      '0x10',
      'e5',
      '-',
      '.',
    ])
      assert.equal(pythonNumber(text), undefined, text);
  });
});
