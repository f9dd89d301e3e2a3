import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProcessList } from '../../../src/runs/process/processTable.ts';
import type { ProcessRow } from '../../../src/runs/process/processTable.ts';
import { ofTree } from '../../../src/runs/process/processTree.ts';

/** A process with its own group and session unless it says otherwise. */
function row(pid: number, changes: Partial<ProcessRow> = {}): ProcessRow {
  const relations = { parent: 1, group: pid, session: pid };
  return { pid, processStartTime: `start ${pid}`, ...relations, isStopped: false, environment: 'lacks', ...changes };
}

const self = 50;
const supervisor = row(self);
const pidsOf = (table: readonly ProcessRow[], leader: number | null = null): readonly number[] =>
  ofTree([row(1, { parent: 0, environment: 'unknown' }), supervisor, ...table], treeOf(leader), self).map(({ pid }) => pid);
const treeOf = (pid: number | null) => ({ mark: 'm', leader: pid === null ? null : { pid, processStartTime: `start ${pid}` } });

describe('the tree of a command', () => {
  it('has who has the mark, wherever they are, and nobody else', () => {
    assert.deepEqual(
      pidsOf([row(100, { environment: 'has' }), row(101), row(102, { environment: 'unknown' }), row(103, { environment: 'has' })]),
      [100, 103],
    );
  });

  it('has the descendants of its processes, listed in whatever order, also without the mark', () => {
    const cleared = row(90, { parent: 101, environment: 'unknown' });
    assert.deepEqual(pidsOf([cleared, row(100, { parent: self, environment: 'has' }), row(101, { parent: 100 })]), [90, 100, 101]);
  });

  it('has those of its session who have lost their parent and their environment, also when the command has ended', () => {
    const worker = row(101, { session: 100, group: 100, environment: 'unknown' });
    assert.deepEqual(pidsOf([row(100, { environment: 'has' }), worker]), [100, 101]);
    assert.deepEqual(pidsOf([worker], 100), [101]);
    assert.deepEqual(pidsOf([worker]), []);
  });

  it('has nobody of a session whose number was given to another process', () => {
    const other = row(100, { processStartTime: 'later' });
    assert.deepEqual(pidsOf([other, row(101, { session: 100 })], 100), []);
  });

  it('has nobody else of a session that the command shares with others', () => {
    const shell = row(80);
    const command = row(100, { parent: 80, session: 80, environment: 'has' });
    assert.deepEqual(pidsOf([shell, command, row(81, { parent: 80, session: 80 })]), [100]);
    const beside = row(100, { parent: self, session: self, group: self, environment: 'has' });
    assert.deepEqual(
      ofTree([supervisor, beside, row(51, { session: self })], treeOf(100), self).map(({ pid, ownSession }) => [pid, ownSession]),
      [[100, false]],
    );
  });

  it('never has the process that asks', () => {
    assert.deepEqual(pidsOf([], self), []);
    assert.deepEqual(ofTree([row(self, { environment: 'has' })], treeOf(null), self), []);
  });
});

describe('a list of ps', () => {
  it('is read with its states, starts and environments', () => {
    const text = [
      '    1     0     1 Ss   Sat Nov 28 01:02:03 2026 /sbin/launchd',
      '  700     1   700 S    Sat Nov  7 13:02:32 2026 python train.py --x=1 A=b OTB_RUN_MARK=abc HOME=/Users/me',
      '  701   700   700 T    Sat Nov  7 13:02:33 2026 python train.py OTB_RUN_MARK=abcd',
      '  702   700   700 Z    Sat Nov  7 13:02:33 2026 (python)',
      'nonsense',
      '',
    ].join('\n');
    const rows = parseProcessList(text, 'OTB_RUN_MARK=abc');
    assert.deepEqual(
      rows.map(({ pid, parent, session, environment, isStopped }) => [pid, parent, session, environment, isStopped]),
      [
        [1, 0, 1, 'unknown', false],
        [700, 1, 700, 'has', false],
        [701, 700, 700, 'lacks', true],
      ],
    );
    assert.equal(rows[1]?.processStartTime, 'Sat Nov  7 13:02:32 2026');
  });
});
