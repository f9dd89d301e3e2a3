import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LensHostMessage } from '../../../src/core/lens/messages.ts';
import { parseLensHostMessage } from '../../../src/core/lens/parseMessages.ts';
import { stringify } from '../../../src/core/records/json.ts';
import { parseTrajectoryLine } from '../../../src/core/records/trajectory.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { LensReader } from '../../../src/runs/rollouts/lensReader.ts';
import type { ReadTrajectory, RolloutSource } from '../../../src/runs/rollouts/rolloutSource.ts';

function trajectory(sequence: number, response: readonly string[] = ['Hello', ' World'], advantage: unknown = 0.5): ReadTrajectory {
  const values = response.map(() => -0.5);
  const line = { sequence, group: 0, prompt: ['What', ' is', ' it?'], response, reward: 1, log_probs: values, sum_pi_squared: values };
  const parsed = parseTrajectoryLine(stringify({ ...line, advantages: { grpo: advantage } }));
  assert.ok(typeof parsed !== 'string', String(parsed));
  return { kind: 'trajectory', trajectory: parsed };
}

/** A source whose steps hold what a function says, told one at a time. */
class Source implements RolloutSource {
  readonly name = 'a run';
  readonly estimator = 'grpo';
  written: number[] = [];
  readonly begun: number[] = [];

  constructor(private readonly content: (step: number) => Iterable<ReadTrajectory>) {}

  steps(): Promise<readonly number[]> {
    return Promise.resolve([...this.written]);
  }

  file(): null {
    return null;
  }

  async *read(step: number): AsyncGenerator<ReadTrajectory> {
    this.begun.push(step);
    for (const each of this.content(step)) {
      await new Promise((resolve) => setImmediate(resolve));
      yield each;
    }
  }
}

function readerOf(source: Source): { reader: LensReader; told: LensHostMessage[] } {
  const told: LensHostMessage[] = [];
  const post = (message: LensHostMessage): void => {
    const parsed = parseLensHostMessage(structuredClone(message));
    assert.ok(typeof parsed !== 'string', String(parsed));
    told.push(parsed);
  };
  const noise = (step: number, trajectories: readonly Trajectory[]): Promise<string> => Promise.resolve(`${step}: ${trajectories.length}`);
  return { reader: new LensReader({ source, place: '{}', post, noise }), told };
}

function of<Type extends LensHostMessage['type']>(
  told: readonly LensHostMessage[],
  type: Type,
): Extract<LensHostMessage, { type: Type }>[] {
  return told.filter((message): message is Extract<LensHostMessage, { type: Type }> => message.type === type);
}

describe('the reader of a token lens', () => {
  it('tells the rows of a step as they are read, then what is no trajectory, then the noise', async () => {
    const lines: ReadTrajectory[] = [trajectory(0), { kind: 'malformed', line: 2, problem: 'is cut off' }, trajectory(1)];
    const { reader, told } = readerOf(new Source(() => lines));
    await reader.show(5);
    await new Promise((resolve) => setImmediate(resolve));
    const rows = of(told, 'rows');
    assert.deepEqual(
      rows.flatMap((message) => message.rows.map(({ sequence }) => sequence)),
      [0, 1],
    );
    assert.deepEqual(
      rows.map(({ isComplete }) => isComplete),
      [...rows.slice(1).map(() => false), true],
    );
    assert.equal(rows[0]?.rows.length, 1, 'the first row waits for no other');
    const { characters, tokens, actions, promptStart, largestAdvantage } = rows[0].rows[0]!;
    assert.deepEqual([characters, tokens, actions, promptStart, largestAdvantage], [11, 2, 2, 'What is it?', { grpo: 0.5 }]);
    assert.equal(told[0]?.type, 'step');
    assert.deepEqual(
      told.slice(-3).map(({ type }) => type),
      ['malformed', 'rows', 'noise'],
    );
    assert.deepEqual(told.at(-1), { type: 'noise', step: 5, noise: '5: 2' });
  });

  it('reads of steps that are asked for one after the other only the last', async () => {
    const source = new Source(() => Array.from({ length: 50 }, (_, sequence) => trajectory(sequence)));
    const { reader, told } = readerOf(source);
    const shown = reader.show(1);
    for (const step of [2, 3, 4, 5]) await reader.show(step);
    await shown;
    assert.deepEqual(source.begun, [1, 5]);
    assert.deepEqual(
      of(told, 'rows')
        .filter(({ isComplete }) => isComplete)
        .map(({ step }) => step),
      [5],
    );
  });

  it('gives whole trajectories when they are there, also those that were wanted before', async () => {
    const { reader, told } = readerOf(new Source(() => [0, 1, 2].map((sequence) => trajectory(sequence, ['a'], Number.NaN))));
    const shown = reader.show(5);
    reader.want(5, [2, 9]);
    reader.want(4, [0]);
    await shown;
    assert.deepEqual(
      of(told, 'trajectories').flatMap((message) => message.trajectories.map(({ sequence }) => sequence)),
      [2],
    );
    reader.want(5, [0, 1]);
    const answer = of(told, 'trajectories').at(-1)!.trajectories;
    assert.deepEqual(
      answer.map(({ sequence }) => sequence),
      [0, 1],
    );
    // As JSON, NaN would be null.
    assert.deepEqual(answer[0]!.advantages.grpo, Float32Array.of(Number.NaN));
  });

  it('finds texts in prompt and response, in whatever case and across tokens, also in what is read later', async () => {
    const { reader, told } = readerOf(new Source(() => [trajectory(4), trajectory(2, ['other'])]));
    const shown = reader.show(5);
    reader.search(5, 'O WORLD');
    await shown;
    assert.deepEqual(of(told, 'found').at(-1), { type: 'found', step: 5, text: 'O WORLD', sequences: [4] });
    reader.search(5, 'is it');
    assert.deepEqual(of(told, 'found').at(-1)!.sequences, [2, 4]);
  });

  it('says why a step cannot be read, and goes on with the next', async () => {
    const source = new Source((step) => {
      if (step === 1) throw new RunDirectoryError('step-000001.jsonl', 'is gone', 'Show another step.');
      return [trajectory(0)];
    });
    const { reader, told } = readerOf(source);
    await reader.show(1);
    assert.deepEqual(told.at(-1), { type: 'failure', step: 1, message: 'step-000001.jsonl: is gone. Show another step.' });
    await reader.show(2);
    assert.equal(of(told, 'rows').at(-1)?.isComplete, true);
  });

  it('tells steps that are new, and shows the first of a run that had none', async () => {
    const source = new Source(() => [trajectory(0)]);
    const { reader, told } = readerOf(source);
    await reader.showLast();
    assert.deepEqual(
      of(told, 'source').map(({ steps }) => steps),
      [[]],
    );
    source.written = [3];
    await reader.look();
    await reader.look();
    assert.deepEqual(
      of(told, 'source').map(({ steps }) => steps),
      [[], [3]],
    );
    assert.deepEqual(
      of(told, 'step').map(({ step }) => step),
      [3],
    );
    await reader.look(true);
    assert.equal(of(told, 'source').length, 3);
  });

  it('tells of many lines that are no trajectory only the first, and how many more there are', async () => {
    const lines = Array.from({ length: 250 }, (_, line): ReadTrajectory => ({ kind: 'malformed', line: line + 1, problem: 'is not JSON' }));
    const { reader, told } = readerOf(new Source(() => lines));
    await reader.show(1);
    const [malformed] = of(told, 'malformed');
    assert.equal(malformed?.lines.length, 101);
    assert.deepEqual(malformed?.lines.at(-1), { line: 101, problem: '150 lines from here on cannot be read either' });
  });
});
