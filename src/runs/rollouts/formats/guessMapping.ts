import { parseResponse } from './response.ts';
import { keysOf, mappedFieldNames, valueAt, type MappedField, type Row, type RolloutMapping } from './mapping.ts';

/** What programs call these things, the commonest names first. */
const usualNames: Readonly<Record<MappedField, readonly string[]>> = {
  prompt: ['prompt', 'input', 'question', 'query', 'problem', 'instruction', 'prompt_text', 'prompt_tokens'],
  response: ['response', 'completion', 'output', 'generation', 'answer', 'response_text', 'response_tokens', 'messages', 'tokens', 'text'],
  reward: ['reward', 'score', 'rewards', 'total_reward', 'return', 'correct', 'acc', 'accuracy'],
  group: ['group', 'group_id', 'prompt_id', 'uid', 'question_id', 'problem_id', 'task_id', 'index'],
  step: ['step', 'global_step', 'training_step', 'train_step', 'iteration'],
  mask: ['mask', 'response_mask', 'loss_mask', 'action_mask', 'completion_mask'],
  logProbs: ['log_probs', 'logprobs', 'old_log_probs', 'rollout_log_probs', 'token_logprobs', 'logps', 'sampling_logprobs'],
  sumPiSquared: ['sum_pi_squared', 'sum_p_squared', 'sum_probs_squared'],
};

/** A mapping of which each key alone fits all rows; null: no key fits the response. */
export function guessMapping(rows: readonly Row[]): RolloutMapping | null {
  const [first] = rows;
  if (first === undefined) return null;
  const keys = keysOf(first);
  const response = keys.find((key) => isUsual('response', key) && fits(rows, onlyResponse(key)));
  const chosen = response ?? keys.find((key) => typeof valueAt(first, key) === 'string' && fits(rows, onlyResponse(key)));
  if (chosen === undefined) return null;
  let mapping = onlyResponse(chosen);
  for (const field of mappedFieldNames) {
    if (field === 'response') continue;
    const taken = Object.values(mapping);
    const named = usualNames[field].map((name) => keys.find((key) => nameOf(key) === name && !taken.includes(key)));
    const key = named.find((each) => each !== undefined && fits(rows, { ...mapping, [field]: each }));
    if (key !== undefined) mapping = { ...mapping, [field]: key };
  }
  return mapping;
}

/** What is wrong with the first row that a mapping does not fit; null: it fits all. */
export function misfit(rows: readonly Row[], mapping: RolloutMapping): string | null {
  for (const row of rows) {
    const response = parseResponse(row, mapping);
    if (typeof response === 'string') return response;
  }
  return null;
}

function fits(rows: readonly Row[], mapping: RolloutMapping): boolean {
  return misfit(rows, mapping) === null;
}

function onlyResponse(response: string): RolloutMapping {
  return { prompt: null, response, reward: null, group: null, step: null, mask: null, logProbs: null, sumPiSquared: null };
}

function isUsual(field: MappedField, key: string): boolean {
  return usualNames[field].includes(nameOf(key));
}

/** The last part of a key, as most would write it. */
function nameOf(key: string): string {
  return key
    .slice(key.lastIndexOf('.') + 1)
    .toLowerCase()
    .replaceAll('-', '_');
}
