import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { ledgerTask } from '../../../src/trainer/tasks/ledger.ts';

interface Transcript {
  readonly what: string;
  readonly digits: readonly number[];
  readonly operators: readonly string[];
  readonly maxTurns: number;
  readonly outageAfter: number | null;
  /** For each well-formed call, whether it fails for the moment. */
  readonly fails: readonly boolean[];
  readonly turns: readonly { readonly says: string; readonly hears?: string }[];
  readonly reward: number;
}

/** Draws what it is given, in this order. */
class Scripted extends Random {
  constructor(
    private readonly integers: number[],
    private readonly chances: boolean[] = [],
  ) {
    super(0);
  }

  override integer(): number {
    return this.integers.shift() ?? assert.fail('one integer too many is drawn');
  }

  override chance(): boolean {
    return this.chances.shift() ?? assert.fail('one chance too many is taken');
  }
}

// python/tests/test_ledger.py holds otb_trl to the same ones.
const file = path.resolve('python/tests/ledger_transcripts.json');

describe('transcripts of the ledger that otb_trl is held to', () => {
  for (const transcript of JSON.parse(readFileSync(file, 'utf8')) as Transcript[]) {
    it(`are the built-in trainer's: ${transcript.what}`, () => {
      const { digits, operators, maxTurns, outageAfter, fails, turns, reward } = transcript;
      const count = operators.length;
      const config = { name: 'ledger', operations: [count, count], maxTurns, toolFailureRate: 0.5, toolOutageRate: 0.5 } as const;
      const task = ledgerTask(config, { wanderRate: 0, quitRate: 0, copyNoise: 0, wordRate: 0 });
      const drawn = operators.flatMap((operator, index) => ['+-*'.indexOf(operator), digits[index + 1]!]);
      const prompt = task.samplePrompt(new Scripted([0, digits[0]!, ...drawn]));
      const chances = [outageAfter !== null, ...fails];
      const episode = prompt.start(200, new Scripted(outageAfter === null ? [] : [outageAfter], chances));
      for (const { says, hears } of turns) {
        const heard: number[] = [];
        for (const word of says.split(' ')) episode.act(task.vocabulary.indexOf(word), heard);
        assert.equal(heard.map((token) => task.vocabulary[token]).join(' '), hears ?? '');
      }
      assert.equal(episode.reward, reward);
      assert.deepEqual(chances, []);
    });
  }
});
