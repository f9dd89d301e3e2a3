import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Board } from '../../../src/cli/progress/board.ts';
import { FollowedRun } from '../../../src/cli/progress/followedRun.ts';
import { ProgressLog } from '../../../src/cli/progress/progressLog.ts';
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
  const board = new Board({ update: nothing, say: (line) => said.push(line), announce: nothing, standBy: nothing, close: nothing });
  await board.follow(new FollowedRun(writer.dir, record));
  board.close();
  assert.deepEqual(said, ['dr_grpo seed 1: collapse at step 40, began at step 31. The score fell.']);
});

test('a run that has ended is told in the order in which it went, without a time left', async () => {
  const record = exampleRecord();
  const writer = RunWriter.create(path.join(temporaryFolder(), record.id), record);
  const event = (type: 'collapse' | 'recovered', step: number): RunEvent => ({
    ...{ type, step, onsetStep: step - 1, time: 10 + step, message: `${type} ${step}.`, advice: '', data: {} },
  });
  writer.appendEvent({ type: 'started', step: 0, time: 1, data: {} });
  for (const step of [1, 2, 3]) writer.appendMetrics({ step, time: 10 + step, data: { 'actor/grad_norm': 1, 'critic/score/mean': 0.5 } });
  writer.appendEvent(event('collapse', 2));
  writer.appendEvent(event('recovered', 3));
  writer.writeExit({ code: 0, signal: null, lastStep: 3, reason: 'stopped', message: 'Stopped on request.', time: 14 });
  writer.close();
  const lines: string[] = [];
  const board = new Board(new ProgressLog((line) => lines.push(line.replace('dr_grpo seed 1: ', ''))));
  await board.follow(new FollowedRun(writer.dir, record));
  board.close();
  assert.deepEqual(lines, [
    `started in ${writer.dir}`,
    'step 1 of 5, score 0.50, gradient norm 1',
    'step 2 of 5, score 0.50, gradient norm 1',
    'collapse at step 2, began at step 1. collapse 2.',
    'step 3 of 5, score 0.50, gradient norm 1',
    'recovered at step 3. recovered 3.',
    'stopped at step 3 of 5. Stopped on request.',
  ]);
});

test('a silence is told with its onset, and a surge only where it comes after a collapse', async () => {
  const record = exampleRecord();
  const writer = RunWriter.create(path.join(temporaryFolder(), record.id), record);
  const event = (type: 'unstable' | 'settled' | 'silent' | 'collapse', step: number, onsetStep: number): RunEvent => ({
    ...{ type, step, onsetStep, time: step, message: `${type}.`, advice: '', data: {} },
  });
  writer.appendEvent({ type: 'started', step: 0, time: 1, data: { tellsSettled: true } });
  for (const one of [event('unstable', 20, 15), event('settled', 30, 15), event('silent', 60, 41), event('settled', 70, 41)])
    writer.appendEvent(one);
  for (const one of [event('collapse', 80, 75), event('unstable', 95, 91)]) writer.appendEvent(one);
  writer.writeExit({ code: 0, signal: null, lastStep: 100, reason: 'completed', message: '', time: 100 });
  writer.close();
  const said: string[] = [];
  const nothing = (): void => undefined;
  const board = new Board({ update: nothing, say: (line) => said.push(line), announce: nothing, standBy: nothing, close: nothing });
  await board.follow(new FollowedRun(writer.dir, record));
  board.close();
  assert.deepEqual(
    said.map((line) => line.replace('dr_grpo seed 1: ', '')),
    [
      'silent at step 60, began at step 41. silent.',
      'collapse at step 80, began at step 75. collapse.',
      'surge after the collapse at step 95, began at step 91. unstable.',
    ],
  );
});
