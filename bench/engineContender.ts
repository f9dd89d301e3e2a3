import type { Engine, TokenBatch } from '../src/trainer/engines/engine.ts';
import type { Agreement, Contender } from './contender.ts';
import { adamStep, fixedBatch, rolloutRequest, tokensOf, type FixedBatch, type StepSize } from './setting.ts';

/** Measures one of our own engines. */
export class EngineContender implements Contender {
  private readonly batch: FixedBatch;
  private updates = 0;
  private steps = 0;

  constructor(
    readonly name: string,
    private readonly engine: Engine,
    private readonly size: StepSize,
  ) {
    this.batch = fixedBatch(size);
  }

  async agreement(): Promise<Agreement> {
    const scored = await this.engine.forward(this.batch.given, 1);
    const weights = this.spread(scored, this.batch.advantages);
    const loss = -weights.reduce((sum, weight, i) => sum + weight * scored.logProbs[i]!, 0);
    return { loss, gradNorm: await this.engine.backward(weights) };
  }

  sample(): Promise<number> {
    return seconds(async () => {
      await this.engine.rollout(rolloutRequest(this.size, ++this.steps));
    });
  }

  update(): Promise<number> {
    return seconds(async () => {
      await this.learn(await this.engine.forward(this.batch.given, 1), this.batch.advantages);
    });
  }

  step(): Promise<number> {
    return seconds(async () => {
      const rollout = await this.engine.rollout(rolloutRequest(this.size, ++this.steps));
      const mean = rollout.rewards.reduce((sum, reward) => sum + reward, 0) / rollout.sequences;
      await this.learn(
        rollout,
        rollout.rewards.map((reward) => reward - mean),
      );
    });
  }

  private async learn(batch: TokenBatch, advantages: Float32Array): Promise<void> {
    await this.engine.backward(this.spread(batch, advantages));
    this.engine.adam(adamStep(++this.updates));
  }

  /** Weights [sequences × maxTokens]: each sequence's advantage over the number of tokens, at its actions. */
  private spread({ isAction, maxTokens }: TokenBatch, advantages: Float32Array): Float32Array {
    const tokens = tokensOf(this.size);
    return Float32Array.from(isAction, (action, i) => (action === 1 ? advantages[Math.floor(i / maxTokens)]! / tokens : 0));
  }

  close(): Promise<void> {
    return this.engine.dispose();
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
