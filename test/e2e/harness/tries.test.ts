import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FinalFailure, severalTries } from './tries.ts';

function failing(...errors: readonly Error[]): { attempt: () => Promise<void>; made: () => number } {
  let made = 0;
  const attempt = () => {
    const error = errors[made++];
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  return { attempt, made: () => made };
}

test('what fails once is tried again and reported', async () => {
  const { attempt, made } = failing(new Error('lost a key'));
  const reports: string[] = [];
  await severalTries(attempt, (message) => reports.push(message), 2);
  assert.equal(made(), 2);
  assert.deepEqual(reports, ['failed, and is tried again: lost a key']);
});

test('the failure of the last try is that of the test', async () => {
  const { attempt, made } = failing(new Error('first'), new Error('second'), new Error('third'));
  await assert.rejects(
    severalTries(attempt, () => undefined, 2),
    /second/,
  );
  assert.equal(made(), 2);
});

test('a final failure is not tried again', async () => {
  const { attempt, made } = failing(new FinalFailure('an error of the extension'));
  await assert.rejects(
    severalTries(attempt, () => undefined, 2),
    /an error of the extension/,
  );
  assert.equal(made(), 1);
});
