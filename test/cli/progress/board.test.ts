import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Board } from '../../../src/cli/progress/board.ts';
import { FollowedRun } from '../../../src/cli/progress/followedRun.ts';
import type { RunEvent } from '../../../src/core/records/events.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { exampleRecord, temporaryFolder } from '../../runs/exampleRun.ts';

test('a collapse that a resumed run has logged again is spoken of once', async () => {
  const record = exampleRecord();
  const writer = RunWriter.create(path.join(temporaryFolder(), record.id), record);
  const started = (step: number, time: number): RunEvent => ({ type: 'started', step, time, data: {} });
  const collapse = (time: number): RunEvent => ({
    type: 'collapse',
    step: 40,
    onsetStep: 31,
    time,
    message: 'The score fell.',
    advice: '',
    data: {},
  });
  for (const event of [started(0, 1), collapse(2), started(20, 3), collapse(4)]) writer.appendEvent(event);
  writer.writeExit({ code: 0, signal: null, lastStep: 40, reason: 'completed', message: '', time: 5 });
  writer.close();
  const said: string[] = [];
  const nothing = (): void => undefined;
  const board = new Board({ update: nothing, say: (line) => said.push(line), announce: nothing, close: nothing });
  await board.follow(new FollowedRun(writer.dir, record));
  board.close();
  assert.deepEqual(said, ['dr_grpo seed 1: collapse at step 40, began at step 31. The score fell.']);
});
