import type { TaskConfig, WarmStartConfig } from '../../core/config/config.ts';
import { taskSizes } from '../../core/memory/taskSizes.ts';
import type { Random } from '../../core/random.ts';
import type { Demonstration, Episode, Prompt, Task } from './task.ts';

const vocabulary = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '+',
  '-',
  '*',
  '=',
  '<call>',
  '</call>',
  '<res>',
  '<err>',
  '<ans>',
  '<eos>',
  '<bos>',
  'hm',
  'so',
  'ok',
];
const plus = 10;
const operators = 3;
const equals = 13;
const call = 14;
const endCall = 15;
const result = 16;
const error = 17;
const answer = 18;
const end = 19;
const begin = 20;
const firstWord = 21;
const words = 3;
const base = 10;
const callTokens = 5;

/** A demonstration that wanders makes a tool call with this probability each time it could utter a word instead. */
const wanderingCallRate = 0.06;
const wanderingNoise = 0.5;

type Demonstrator = Pick<WarmStartConfig, 'wanderRate' | 'quitRate' | 'copyNoise' | 'wordRate'>;

/**
 * Multi-turn tool arithmetic mod 10. The prompt is `<bos> d0 op d1`; a tool call is `<call> x op y </call>`, which the calculator
 * answers with `<res> r` and the next `op d` (or `=` when the hidden number of operations is done), or with `<err>` and the same
 * `op d` again. The tool does not check that a call continues the chain. Reward 1 for ending with `<ans> target <eos>`.
 * Calls fail for the moment (`toolFailureRate`) or, in a share of the trajectories, for good (`toolOutageRate`): these are long and
 * never rewarded, which is what makes the variance of trajectory-level baselines explode.
 */
export function ledgerTask(config: TaskConfig, demonstrator: Demonstrator): Task {
  return {
    name: 'ledger',
    ...taskSizes.ledger,
    vocabulary,
    samplePrompt: (random) => ledgerPrompt(config, random),
    demonstrate: (prompt, maxResponseTokens, random) =>
      demonstrate(config, demonstrator, prompt as LedgerPrompt, maxResponseTokens, random),
  };
}

interface LedgerPrompt extends Prompt {
  /** [operations + 1] the digits; the first is where the sum starts. */
  readonly digits: readonly number[];
  /** [operations] */
  readonly operators: readonly number[];
}

function ledgerPrompt(config: TaskConfig, random: Random): LedgerPrompt {
  const [least, most] = config.operations;
  const count = least + random.integer(most - least + 1);
  const digits = [random.integer(base)];
  const ops: number[] = [];
  let target = digits[0]!;
  for (let i = 0; i < count; i++) {
    ops.push(plus + random.integer(operators));
    digits.push(random.integer(base));
    target = calculate(target, ops[i]!, digits[i + 1]!);
  }
  const prompt: LedgerPrompt = {
    tokens: [begin, digits[0]!, ops[0]!, digits[1]!],
    digits,
    operators: ops,
    start: (maxResponseTokens, stream) => new LedgerEpisode(config, prompt, target, maxResponseTokens, stream),
  };
  return prompt;
}

function calculate(x: number, operator: number, y: number): number {
  if (operator === plus) return (x + y) % base;
  if (operator === plus + 1) return (x - y + base) % base;
  return (x * y) % base;
}

/** Number of calls that work before the tool fails for good; Infinity for most trajectories. */
function sampleOutage(config: TaskConfig, operations: number, random: Random): number {
  return random.chance(config.toolOutageRate) ? random.integer(operations) : Number.POSITIVE_INFINITY;
}

/** What stands before the policy next: the operation to do, or `=` when all are done. */
function pending(prompt: LedgerPrompt, done: number): readonly number[] {
  return done >= prompt.operators.length ? [equals] : [prompt.operators[done]!, prompt.digits[done + 1]!];
}

class LedgerEpisode implements Episode {
  reward = 0;
  turns = 0;
  private done = 0;
  private responseTokens = 0;
  /** Action tokens of the current turn, the latest `callTokens` of them. */
  private readonly recent: number[] = [];
  private readonly outageAfter: number;

  constructor(
    private readonly config: TaskConfig,
    private readonly prompt: LedgerPrompt,
    private readonly target: number,
    private readonly maxResponseTokens: number,
    private readonly random: Random,
  ) {
    this.outageAfter = sampleOutage(config, prompt.operators.length, random);
  }

  act(token: number, toolTokens: number[]): 'continues' | 'ended' | 'truncated' {
    const { recent } = this;
    recent.push(token);
    if (recent.length > callTokens) recent.shift();
    this.responseTokens++;
    if (token === end) {
      const n = recent.length;
      if (n >= 3 && recent[n - 3] === answer && recent[n - 2] === this.target) this.reward = 1;
      return 'ended';
    }
    if (token === endCall) {
      this.turns++;
      if (this.turns > this.config.maxTurns) return 'truncated';
      this.answerCall(toolTokens);
      this.responseTokens += toolTokens.length;
      recent.length = 0;
    }
    return this.responseTokens >= this.maxResponseTokens ? 'truncated' : 'continues';
  }

  private answerCall(toolTokens: number[]): void {
    const [open, x, operator, y] = this.recent as [number, number, number, number];
    const valid =
      this.recent.length === callTokens && open === call && x < base && operator >= plus && operator < plus + operators && y < base;
    const works = valid && !this.random.chance(this.config.toolFailureRate) && this.turns <= this.outageAfter;
    if (works) {
      this.done++;
      toolTokens.push(result, calculate(x, operator, y));
    } else {
      toolTokens.push(error);
    }
    toolTokens.push(...pending(this.prompt, this.done));
  }
}

/** A demonstrator that mostly does the right thing, and sometimes copies wrongly, quits early, or wanders until the limit. */
function demonstrate(
  config: TaskConfig,
  noise: Demonstrator,
  prompt: LedgerPrompt,
  maxResponseTokens: number,
  random: Random,
): Demonstration {
  const tokens: number[] = [];
  const isAction: boolean[] = [];
  const act = (...list: number[]): void => list.forEach((token) => (tokens.push(token), isAction.push(true)));
  const tool = (...list: readonly number[]): void => list.forEach((token) => (tokens.push(token), isAction.push(false)));
  const word = (): number => firstWord + random.integer(words);

  const operations = prompt.operators.length;
  const outageAfter = sampleOutage(config, operations, random);
  let sum = prompt.digits[0]!;
  let done = 0;
  let turns = 0;
  let wandering = false;
  while (tokens.length < maxResponseTokens) {
    if (!wandering) wandering = random.chance(noise.wanderRate);
    if (wandering) {
      if (turns >= config.maxTurns || !random.chance(wanderingCallRate)) {
        act(word());
        continue;
      }
    } else {
      while (random.chance(noise.wordRate) && tokens.length < maxResponseTokens) act(word());
      if (done >= operations || random.chance(noise.quitRate)) {
        act(answer, random.chance(noise.copyNoise) ? random.integer(base) : sum, end);
        break;
      }
    }
    const next = Math.min(done, operations - 1);
    const copyNoise = wandering ? wanderingNoise : noise.copyNoise;
    const x = random.chance(copyNoise) ? random.integer(base) : sum;
    const y = random.chance(copyNoise) ? random.integer(base) : prompt.digits[next + 1]!;
    const operator = random.chance(copyNoise) ? plus + random.integer(operators) : prompt.operators[next]!;
    act(call, x, operator, y, endCall);
    turns++;
    if (turns > config.maxTurns) break;
    if (!random.chance(config.toolFailureRate) && turns <= outageAfter) {
      sum = calculate(x, operator, y);
      done++;
      tool(result, sum);
    } else {
      tool(error);
    }
    tool(...pending(prompt, done));
  }
  return { tokens: tokens.slice(0, maxResponseTokens), isAction: isAction.slice(0, maxResponseTokens) };
}
