import type { Layout } from '../../../core/memory/engineLayout.ts';
import type { Episode, Task } from '../../tasks/task.ts';
import type { RolloutRequest } from '../engine.ts';
import { randomStream } from '../streams.ts';
import { policyMemory } from './policyMemory.ts';
import type { Kernels, PolicyArchitecture, PolicyProgram } from '../../policies/policyProgram.ts';

/** What one thread can do with the shared memory: sample the sequences of a share, score and differentiate those of a lane. */
export class LaneRunner {
  readonly program: PolicyProgram;
  private readonly ints: Int32Array;
  private readonly floats: Float32Array;
  private readonly bytes: Uint8Array;

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: Layout,
    buffer: ArrayBufferLike,
    policy: PolicyArchitecture,
    private readonly task: Task,
    thread: number,
  ) {
    this.program = policy.bind(kernels, policyMemory(layout, buffer, thread));
    this.ints = new Int32Array(buffer);
    this.floats = new Float32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** Samples the trajectories whose number is `share` modulo the number of shares, all at once, one token each in turn. */
  rollout(share: number, shares: number, request: RolloutRequest): void {
    const { seed, step, groupSize, promptsPerStep, maxResponseTokens, temperature } = request;
    const total = promptsPerStep * groupSize;
    const trajectories: Trajectory[] = [];
    for (let sequence = share; sequence < total; sequence += shares) {
      const group = Math.floor(sequence / groupSize);
      const prompt = this.task.samplePrompt(randomStream(seed, 'prompt', step, group));
      this.begin(sequence, prompt.tokens, prompt.tokens.length);
      trajectories.push({
        sequence,
        position: 0,
        length: prompt.tokens.length,
        episode: prompt.start(maxResponseTokens, randomStream(seed, 'episode', step, sequence)),
        random: randomStream(seed, 'sampling', step, sequence),
      });
    }
    const sequences = new Int32Array(trajectories.length);
    const positions = new Int32Array(trajectories.length);
    const wanted = new Uint8Array(trajectories.length);
    const toolTokens: number[] = [];
    while (trajectories.length > 0) {
      for (let i = 0; i < trajectories.length; i++) {
        const { sequence, position, length } = trajectories[i]!;
        sequences[i] = sequence;
        positions[i] = position;
        wanted[i] = position === length - 1 ? 1 : 0;
      }
      this.program.step(trajectories.length, sequences, positions, wanted);
      for (let i = trajectories.length - 1; i >= 0; i--) {
        const trajectory = trajectories[i]!;
        if (wanted[i] === 1 && !this.sample(trajectory, 1 / temperature, toolTokens)) trajectories.splice(i, 1);
        else trajectory.position++;
      }
    }
  }

  /** Draws the next token of a trajectory and lets the task answer it. False when the trajectory is over. */
  private sample(trajectory: Trajectory, inverseTemperature: number, toolTokens: number[]): boolean {
    const { layout, ints } = this;
    const { sequence, position, episode } = trajectory;
    const at = sequence * layout.capacity.maxTokens + position;
    const row = 4 * at * layout.capacity.vocabulary;
    const token = this.kernels['sampleToken']!(
      layout.probabilities + row,
      layout.logits + row,
      layout.capacity.vocabulary,
      inverseTemperature,
      trajectory.random.uniform(),
      layout.logProbs + 4 * at,
      layout.sumPiSquared + 4 * at,
      layout.entropies + 4 * at,
    );
    this.bytes[layout.isAction + at] = 1;
    toolTokens.length = 0;
    const outcome = episode.act(token, toolTokens);
    const tokens = (layout.tokens >>> 2) + sequence * layout.capacity.maxTokens;
    ints[tokens + trajectory.length++] = token;
    for (let i = 0; i < toolTokens.length; i++) ints[tokens + trajectory.length++] = toolTokens[i]!;
    if (outcome === 'continues') return true;
    ints[(layout.lengths >>> 2) + sequence] = trajectory.length;
    ints[(layout.turns >>> 2) + sequence] = episode.turns;
    this.floats[(layout.rewards >>> 2) + sequence] = episode.reward;
    this.bytes[layout.truncated + sequence] = outcome === 'truncated' ? 1 : 0;
    return false;
  }

  /** Writes a sequence's known tokens and clears what a batch says of it. */
  begin(sequence: number, tokens: readonly number[], promptLength: number): void {
    const { layout, ints } = this;
    const { maxTokens } = layout.capacity;
    const at = sequence * maxTokens;
    ints.set(tokens, (layout.tokens >>> 2) + at);
    ints[(layout.promptLengths >>> 2) + sequence] = promptLength;
    ints[(layout.lengths >>> 2) + sequence] = tokens.length;
    this.bytes.fill(0, layout.isAction + at, layout.isAction + at + maxTokens);
    for (const array of [layout.logProbs, layout.sumPiSquared, layout.entropies])
      this.floats.fill(0, (array >>> 2) + at, (array >>> 2) + at + maxTokens);
  }

  /** Scores the given sequences of a lane. */
  forward(lane: number, sequences: number, temperature: number): void {
    const { layout, ints } = this;
    const { maxTokens, vocabulary } = layout.capacity;
    for (let sequence = 0; sequence < sequences; sequence++) {
      if (ints[(layout.laneOf >>> 2) + sequence] !== lane) continue;
      // What would follow the last token is nobody's question.
      const length = ints[(layout.lengths >>> 2) + sequence]! - 1;
      this.program.forward(sequence, length);
      for (let position = 0; position < length; position++) {
        const at = sequence * maxTokens + position;
        if (this.bytes[layout.isAction + at] !== 1) continue;
        const row = 4 * at * vocabulary;
        this.kernels['scoreToken']!(
          layout.probabilities + row,
          layout.logits + row,
          vocabulary,
          1 / temperature,
          ints[(layout.tokens >>> 2) + at + 1]!,
          layout.logProbs + 4 * at,
          layout.sumPiSquared + 4 * at,
          layout.entropies + 4 * at,
        );
      }
    }
  }

  /** Sums the gradient of a lane's sequences, in order, into the lane's buffer. */
  backward(lane: number, sequences: number, temperature: number): void {
    const { layout, ints, floats } = this;
    const { maxTokens, vocabulary } = layout.capacity;
    const gradient = layout.gradients[lane]!;
    floats.fill(0, gradient >>> 2, (gradient >>> 2) + layout.parameterCount);
    for (let sequence = 0; sequence < sequences; sequence++) {
      if (ints[(layout.laneOf >>> 2) + sequence] !== lane) continue;
      const at = sequence * maxTokens;
      // Positions behind the last weighted one have no gradient.
      let length = ints[(layout.lengths >>> 2) + sequence]! - 1;
      while (length > 0 && floats[(layout.weights >>> 2) + at + length - 1] === 0) length--;
      if (length === 0) continue;
      this.kernels['logitGradient']!(
        layout.logits + 4 * at * vocabulary,
        layout.probabilities + 4 * at * vocabulary,
        layout.tokens + 4 * at,
        layout.weights + 4 * at,
        length,
        vocabulary,
        1 / temperature,
      );
      this.program.backward(sequence, length, gradient);
    }
  }
}

interface Trajectory {
  readonly sequence: number;
  /** Next position to feed. */
  position: number;
  /** Tokens known so far. */
  length: number;
  readonly episode: Episode;
  readonly random: { uniform(): number };
}
