import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../core/random.ts';
import type { Episode, Task } from '../../tasks/task.ts';
import type { RolloutRequest } from '../engine.ts';
import { randomStream } from '../streams.ts';
import { Batch } from './batch.ts';
import { TokenDistribution } from './distribution.ts';
import type { Parameters, TfjsPolicy } from './policy.ts';

interface Trajectory {
  readonly sequence: number;
  readonly episode: Episode;
  readonly random: Random;
  over: boolean;
}

/** Rows of ended trajectories leave the policy's state when fewer than this share of the rows still runs. */
const compactBelow = 0.75;

/** Samples trajectories, all at the same position at a time: one forward pass for all, tokens drawn on the host. */
export async function sampleRollout(
  policy: TfjsPolicy,
  parameters: Parameters,
  task: Task,
  maxTokens: number,
  request: RolloutRequest,
): Promise<Batch> {
  const batch = new Batch(request.promptsPerStep * request.groupSize, maxTokens, task.vocabulary.length);
  const distribution = new TokenDistribution(batch.vocabulary);
  let rows = startTrajectories(batch, task, request);
  let state = tf.tidy(() => policy.start(rows.length));
  for (let position = 0; rows.length > 0; position++) {
    const tokens = Int32Array.from(rows, ({ sequence }) => batch.tokens[sequence * maxTokens + position]!);
    const next = tf.tidy(() => ({ ...policy.step(parameters, state, tokens, position) }));
    tf.dispose(state);
    state = next.state;
    const logits = await next.logits.data();
    next.logits.dispose();
    rows.forEach((trajectory, row) => {
      if (trajectory.over || position < batch.lengths[trajectory.sequence]! - 1) return;
      distribution.set(logits, row * batch.vocabulary, request.temperature);
      act(batch, trajectory, position, distribution);
    });
    const running = rows.flatMap((trajectory, row) => (trajectory.over ? [] : [row]));
    if (running.length > compactBelow * rows.length) continue;
    const kept = running.length === 0 ? [] : tf.tidy(() => state.map((tensor) => tf.gather(tensor, running)));
    tf.dispose(state);
    state = kept;
    rows = running.map((row) => rows[row]!);
  }
  return batch;
}

function startTrajectories(batch: Batch, task: Task, { seed, step, groupSize, maxResponseTokens }: RolloutRequest): Trajectory[] {
  return Array.from({ length: batch.sequences }, (_, sequence) => {
    const prompt = task.samplePrompt(randomStream(seed, 'prompt', step, Math.floor(sequence / groupSize)));
    batch.begin(sequence, prompt.tokens);
    return {
      sequence,
      episode: prompt.start(maxResponseTokens, randomStream(seed, 'episode', step, sequence)),
      random: randomStream(seed, 'sampling', step, sequence),
      over: false,
    };
  });
}

/** Draws the token that follows `position` and lets the task answer it. */
function act(batch: Batch, trajectory: Trajectory, position: number, distribution: TokenDistribution): void {
  const { sequence, episode, random } = trajectory;
  const token = distribution.sample(random.uniform());
  const toolTokens: number[] = [];
  const outcome = episode.act(token, toolTokens);
  batch.append(sequence, token, true);
  batch.describe(sequence, position, distribution);
  for (const toolToken of toolTokens) batch.append(sequence, toolToken, false);
  if (outcome === 'continues') return;
  trajectory.over = true;
  batch.rewards[sequence] = episode.reward;
  batch.turns[sequence] = episode.turns;
  batch.truncated[sequence] = outcome === 'truncated' ? 1 : 0;
}
