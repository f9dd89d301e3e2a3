import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskConfig, WarmStartConfig } from '../../../src/core/config/config.ts';
import { Random } from '../../../src/core/random.ts';
import { ledgerTask } from '../../../src/trainer/tasks/ledger.ts';
import type { Episode, Prompt, Task } from '../../../src/trainer/tasks/task.ts';

const reliable: TaskConfig = { name: 'ledger', operations: [2, 8], maxTurns: 100, toolFailureRate: 0, toolOutageRate: 0 };
const noisy: Demonstrator = { wanderRate: 0.01, quitRate: 0.01, copyNoise: 0.03, wordRate: 0.4 };
const faultless: Demonstrator = { wanderRate: 0, quitRate: 0, copyNoise: 0, wordRate: 0 };
const horizon = 800;

type Demonstrator = Pick<WarmStartConfig, 'wanderRate' | 'quitRate' | 'copyNoise' | 'wordRate'>;

const taskWith = (overrides: Partial<TaskConfig> = {}, demonstrator = noisy): Task =>
  ledgerTask({ ...reliable, ...overrides }, demonstrator);
const { vocabulary } = taskWith();
const encode = (text: string): number[] => text.split(' ').map((word) => vocabulary.indexOf(word));
const decode = (tokens: readonly number[]): string => tokens.map((token) => vocabulary[token]).join(' ');
const calculate = (x: number, operator: string, y: number): number =>
  (operator === '+' ? x + y : operator === '-' ? x - y + 10 : x * y) % 10;

/** One attempt at a prompt, in words. */
class Attempt {
  private readonly episode: Episode;
  /** Sum so far, if every call that worked had the operands that were revealed. */
  private sum: number;
  /** The operation to do, or `=`. */
  pending: string;
  outcome: ReturnType<Episode['act']> = 'continues';

  constructor(prompt: Prompt, seed = 0, maxResponseTokens = horizon) {
    this.episode = prompt.start(maxResponseTokens, new Random(2, seed));
    const [, first, ...operation] = decode(prompt.tokens).split(' ');
    this.sum = Number(first);
    this.pending = operation.join(' ');
  }

  get reward(): number {
    return this.episode.reward;
  }

  get turns(): number {
    return this.episode.turns;
  }

  /** Says something and returns what the tool says to its last word. */
  say(text: string): string {
    const answer: number[] = [];
    for (const token of encode(text)) {
      assert.equal(this.outcome, 'continues', `"${text}" goes on after the end`);
      answer.length = 0;
      this.outcome = this.episode.act(token, answer);
    }
    return decode(answer);
  }

  /** Calls the tool for the pending operation; whether the call worked. */
  call(): boolean {
    const operation = this.pending.split(' ');
    const answer = this.say(`<call> ${this.sum} ${this.pending === '=' ? '+ 1' : this.pending} </call>`).split(' ');
    const works = answer[0] === '<res>';
    if (works && operation.length === 2) this.sum = calculate(this.sum, operation[0]!, Number(operation[1]));
    this.pending = answer.slice(works ? 2 : 1).join(' ');
    return works;
  }

  /** Calls until there is nothing left to do; returns the sum. */
  solve(): number {
    while (this.pending !== '=') this.call();
    return this.sum;
  }
}

const promptOf = (seed: number, task = taskWith()): Prompt => task.samplePrompt(new Random(1, seed));
const attempt = (seed = 0, task = taskWith(), maxResponseTokens = horizon): Attempt =>
  new Attempt(promptOf(seed, task), seed, maxResponseTokens);

/** Whether a count of `n` trials could come from probability p: five standard deviations. */
function assertRate(count: number, n: number, p: number, what: string): void {
  assert.ok(Math.abs(count - n * p) < 5 * Math.sqrt(n * p * (1 - p)), `${what}: ${count} of ${n}, expected ${(n * p).toFixed(0)}`);
}

describe('ledger prompt', () => {
  it('shows the first digit and the first operation, and hides how many follow: 2 to 8, all as likely', () => {
    const n = 2100;
    const counts = new Map<number, number>();
    for (let seed = 0; seed < n; seed++) {
      const prompt = promptOf(seed);
      assert.match(decode(prompt.tokens), /^<bos> \d [-+*] \d$/);
      const solved = new Attempt(prompt);
      solved.solve();
      counts.set(solved.turns, (counts.get(solved.turns) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.keys()].sort((one, other) => one - other),
      [2, 3, 4, 5, 6, 7, 8],
    );
    for (const [operations, count] of counts) assertRate(count, n, 1 / 7, `${operations} operations`);
  });

  it('is the same for the same stream of random numbers', () => {
    const [one, other] = [attempt(5), attempt(5)];
    assert.equal(one.solve(), other.solve());
    assert.equal(one.turns, other.turns);
  });
});

describe('ledger tool', () => {
  it('answers every well-formed call with its result mod 10 as typed, whatever the chain says, and the next operation', () => {
    const long = attempt(0, taskWith({ operations: [300, 300], maxTurns: 300 }), 1e6);
    for (const operator of ['+', '-', '*']) {
      for (let x = 0; x < 10; x++) {
        for (let y = 0; y < 10; y++) {
          const answer = long.say(`<call> ${x} ${operator} ${y} </call>`);
          assert.match(answer, long.turns < 300 ? /^<res> \d [-+*] \d$/ : /^<res> \d =$/);
          assert.equal(Number(answer.split(' ')[1]), calculate(x, operator, y), `${x} ${operator} ${y}`);
        }
      }
    }
    assert.equal(long.say('<call> 1 + 1 </call>'), '', 'one call more than allowed');
  });

  it('looks at the last five tokens before the end of the call', () => {
    const free = attempt();
    assert.match(free.say('hm 7 <call> so <call> 2 + 3 </call>'), /^<res> 5 /);
  });

  it('answers a malformed call with <err> and the same operation again', () => {
    for (const call of [
      '</call>',
      '1 + 2 </call>',
      '<call> 1 + </call>',
      '<call> 1 2 + </call>',
      '<call> 1 = 2 </call>',
      '<call> hm + 2 </call>',
      '<call> 1 + <ans> </call>',
      '<call> 1 + 2 ok </call>',
    ]) {
      const failing = attempt(3);
      assert.equal(failing.say(call), `<err> ${failing.pending}`, call);
      assert.equal(failing.turns, 1);
      failing.call();
      const { pending } = failing;
      assert.equal(failing.say(call), `<err> ${pending}`, `${call}, later`);
    }
  });

  it('says nothing to any other token', () => {
    const free = attempt();
    for (const token of vocabulary.filter((word) => word !== '</call>' && word !== '<eos>')) assert.equal(free.say(token), '');
    assert.equal(free.outcome, 'continues');
  });
});

describe('failures of the ledger tool', () => {
  it('come for the moment, in a tenth of the well-formed calls, and leave the operation as it was', () => {
    const flaky = taskWith({ operations: [8, 8], toolFailureRate: 0.1 });
    let calls = 0;
    let failures = 0;
    for (let seed = 0; seed < 300; seed++) {
      const tried = attempt(seed, flaky);
      while (tried.pending !== '=') {
        const before = tried.pending;
        calls++;
        if (tried.call()) continue;
        failures++;
        assert.equal(tried.pending, before);
      }
    }
    assertRate(failures, calls, 0.1, 'failures');
  });

  it('come for good in a tenth of the trajectories, whatever the other attempts at the prompt meet', () => {
    const prompt = promptOf(0, taskWith({ toolOutageRate: 0.1 }));
    const n = 2000;
    let outages = 0;
    for (let seed = 0; seed < n; seed++) {
      const tried = new Attempt(prompt, seed);
      let works = true;
      while (works && tried.pending !== '=') works = tried.call();
      if (works) continue;
      outages++;
      for (let i = 0; i < 10; i++) assert.equal(tried.call(), false, 'an outage does not end');
    }
    assertRate(outages, n, 0.1, 'outages');
  });

  it('come for good after 0 to K − 1 calls, all as likely', () => {
    const broken = taskWith({ operations: [4, 4], toolOutageRate: 1 });
    const n = 2000;
    const counts = new Map<number, number>();
    for (let seed = 0; seed < n; seed++) {
      const tried = attempt(seed, broken);
      let worked = 0;
      while (tried.call()) worked++;
      counts.set(worked, (counts.get(worked) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.keys()].sort((one, other) => one - other),
      [0, 1, 2, 3],
    );
    for (const [worked, count] of counts) assertRate(count, n, 1 / 4, `outages after ${worked} calls`);
  });

  it('count malformed calls too before an outage', () => {
    const broken = taskWith({ operations: [4, 4], toolOutageRate: 1 });
    for (let seed = 0; seed < 20; seed++) {
      const workingCalls = (tried: Attempt): number => (tried.call() ? 1 + workingCalls(tried) : 0);
      const clumsy = attempt(seed, broken);
      clumsy.say('</call>');
      assert.equal(workingCalls(clumsy), Math.max(0, workingCalls(attempt(seed, broken)) - 1));
    }
  });
});

describe('end of a ledger trajectory', () => {
  it('is rewarded with 1 for <ans> target <eos>, at the end of the calls or at once', () => {
    const solved = attempt();
    const target = solved.solve();
    assert.equal(solved.reward, 0);
    solved.say(`so hm <ans> ${target}`);
    assert.equal(solved.reward, 0);
    solved.say('<eos>');
    assert.deepEqual([solved.outcome, solved.reward], ['ended', 1]);
    const guessed = attempt();
    guessed.say(`<ans> ${target} <eos>`);
    assert.deepEqual([guessed.outcome, guessed.reward, guessed.turns], ['ended', 1, 0]);
  });

  it('is worth nothing with any other last words', () => {
    const target = attempt().solve();
    for (const words of [
      '<eos>',
      `${target} <eos>`,
      `<ans> ${(target + 1) % 10} <eos>`,
      `<ans> ${target} ok <eos>`,
      `${target} <ans> <eos>`,
      `<ans> </call> ${target} <eos>`,
    ]) {
      const failed = attempt();
      failed.say(words);
      assert.deepEqual([failed.outcome, failed.reward], ['ended', 0], words);
    }
  });

  it('comes without reward at the call after the last one allowed, which the tool does not answer', () => {
    const tried = attempt(0, taskWith({ maxTurns: 3 }));
    for (const call of ['</call>', '<call> 1 + 1 </call>', '</call>']) assert.notEqual(tried.say(call), '');
    assert.equal(tried.outcome, 'continues');
    assert.equal(tried.say('<call> 1 + 1 </call>'), '');
    assert.deepEqual([tried.outcome, tried.reward], ['truncated', 0]);
  });

  it('comes without reward once the response, tool tokens included, has the most tokens', () => {
    const words = attempt(0, taskWith(), 9);
    words.say('hm hm hm hm hm hm hm hm');
    assert.equal(words.outcome, 'continues');
    words.say('hm');
    assert.deepEqual([words.outcome, words.reward], ['truncated', 0]);
    const called = attempt(0, taskWith(), 9);
    assert.equal(called.say('<call> 1 + 1 </call>').split(' ').length, 4);
    assert.equal(called.outcome, 'truncated');
    const beyond = attempt(0, taskWith(), 6);
    assert.notEqual(beyond.say('<call> 1 + 1 </call>'), '', 'the tool still answers the call that crosses the limit');
    assert.equal(beyond.outcome, 'truncated');
  });

  it('is an end, not a truncation, where <eos> is the last token allowed', () => {
    const target = attempt().solve();
    const brief = attempt(0, taskWith(), 3);
    brief.say(`<ans> ${target} <eos>`);
    assert.deepEqual([brief.outcome, brief.reward], ['ended', 1]);
  });
});

describe('ledger demonstrations', () => {
  /** Plays the actions of a demonstration; the tool must say what the demonstration has it say. Returns the attempt. */
  function replay(task: Task, seed: number): Attempt {
    const prompt = promptOf(seed, task);
    const { tokens, isAction } = task.demonstrate(prompt, horizon, new Random(3, seed));
    assert.equal(tokens.length, isAction.length);
    const replayed = new Attempt(prompt);
    for (let at = 0; at < tokens.length;) {
      const answer = replayed.say(vocabulary[tokens[at]!]!);
      assert.equal(isAction[at++], true);
      const from = at;
      while (isAction[at] === false) at++;
      // A demonstration ends at the limit, in the middle of the tool's words if need be.
      const shown = decode(tokens.slice(from, at));
      assert.ok(at === tokens.length ? answer.startsWith(shown) : answer === shown, `${answer} against ${shown}`);
    }
    return replayed;
  }

  it('solve the task, with a call for each operation and nothing else, where there is no noise', () => {
    for (let seed = 0; seed < 100; seed++) {
      const replayed = replay(taskWith({}, faultless), seed);
      assert.deepEqual([replayed.outcome, replayed.reward], ['ended', 1]);
      const solved = attempt(seed);
      solved.solve();
      assert.equal(replayed.turns, solved.turns);
    }
  });

  it('show the tool as it is, also while they wander', () => {
    const wandering = taskWith({}, { ...noisy, wanderRate: 0.3 });
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 100; seed++) outcomes.add(replay(wandering, seed).outcome);
    assert.deepEqual([...outcomes].sort(), ['ended', 'truncated']);
  });

  it('have the length, calls, errors and success of the study that established the setting', () => {
    // Means over 100,000 demonstrations of that study's own program, with the noise and failures of the default config.
    const established = {
      actions: 109.7,
      responseTokens: 147.8,
      calls: 11.53,
      errors: 5.56,
      words: 49.4,
      ended: 0.8866,
      right: 0.6018,
      cutOff: 0.1134,
    };
    const task = taskWith({ toolFailureRate: 0.1, toolOutageRate: 0.1 });
    const n = 10_000;
    const samples = Array.from({ length: n }, (_, seed) => {
      const prompt = promptOf(seed, task);
      const { tokens, isAction } = task.demonstrate(prompt, horizon, new Random(3, seed));
      const text = tokens.map((token) => vocabulary[token]!);
      const count = (...wanted: readonly string[]): number => text.filter((word) => wanted.includes(word)).length;
      assert.ok(tokens.length <= horizon);
      const episode = prompt.start(horizon, new Random(2, seed));
      const ended = text.at(-1) === '<eos>';
      if (ended) for (const token of tokens.slice(-3)) episode.act(token, []);
      return {
        actions: isAction.filter(Boolean).length,
        responseTokens: tokens.length,
        calls: count('</call>'),
        errors: count('<err>'),
        words: count('hm', 'so', 'ok'),
        ended: Number(ended),
        right: episode.reward,
        cutOff: Number(tokens.length === horizon),
      };
    });
    for (const [key, expected] of Object.entries(established) as [keyof typeof established, number][]) {
      const values = samples.map((sample) => sample[key]);
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n);
      assert.ok(Math.abs(mean - expected) < 5 * deviation, `${key}: ${mean.toFixed(4)} ± ${deviation.toFixed(4)}, established ${expected}`);
    }
  });
});
