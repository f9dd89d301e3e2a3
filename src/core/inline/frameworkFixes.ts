import { quantityText } from '../notation.ts';
import type { EstimatorSetting, Framework } from './estimatorSettings.ts';
import { giveValue, presentValue } from './scriptEdit.ts';
import type { NewValue, Notation } from './scriptEdit.ts';
import type { ScriptSyntax } from './scriptText.ts';
import type { TextEdit } from './textEdit.ts';

/** Something to change about a script whose run collapsed. */
export interface ScriptFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** A text that gives a program its values: a script, a YAML file, or the list of arguments in a config. */
export interface ProgramText {
  readonly text: string;
  readonly syntax: ScriptSyntax;
}

/*
 * What is offered exists in verl 0.9.1 (and its main branch of January 2026), TRL 1.16.0, OpenRLHF 0.11.2, slime and SkyRL of August 2026:
 * - verl: `algorithm.adv_estimator=optimal_token_baseline` asserts that the actor computes Σπ², which `actor.calculate_sum_pi_squared`
 *   turns on and fused kernels do not have (docs/algo/otb.md). The gradient norm is clipped at `actor.optim.clip_grad` by the newer
 *   workers and by Megatron's, at `actor.grad_clip` by the older ones of FSDP, which Megatron's actor does not know.
 * - TRL: `max_grad_norm` of the Trainer; GRPOConfig's `loss_type` has no optimal baseline, but "dr_grpo", which has no bias towards length.
 * - OpenRLHF: `--actor.max_norm`, earlier `--max_norm`. slime: `--clip-grad`. SkyRL: `trainer.policy.optimizer_config.max_grad_norm`.
 */
const clipKeys: Readonly<Record<Framework, readonly string[]>> = {
  verl: ['actor_rollout_ref.actor.optim.clip_grad', 'actor_rollout_ref.actor.grad_clip'],
  trl: ['max_grad_norm'],
  openrlhf: ['actor.max_norm'],
  slime: ['clip-grad'],
  skyrl: ['trainer.policy.optimizer_config.max_grad_norm'],
};
/** Each of them clips at this if nobody says otherwise. */
const usualClip = 1;

const tokenBaselines: ReadonlySet<string> = new Set(['optimal_token_baseline', 'tir_optimal_token_baseline']);

/** The estimator that a framework has against what this one did; undefined: none. */
export function betterEstimator(framework: Framework, estimator: string): string | undefined {
  if (framework === 'verl') return tokenBaselines.has(estimator) ? undefined : 'optimal_token_baseline';
  return framework === 'trl' && (estimator === 'grpo' || estimator === 'bnpo') ? 'dr_grpo' : undefined;
}

/** What else a program has to be told so that it can train with an estimator; undefined: nobody here can write it where it belongs. */
export function requirementsOf(
  { text, syntax }: ProgramText,
  { framework, use }: EstimatorSetting,
  estimator: string,
): readonly TextEdit[] | undefined {
  if (framework !== 'verl' || !tokenBaselines.has(estimator)) return [];
  const [yes, no] = syntax === 'yaml' ? ['true', 'false'] : ['True', 'False'];
  const sum: NewValue = { key: 'actor_rollout_ref.actor.calculate_sum_pi_squared', value: yes, notation: 'override' };
  const added = giveValue(text, syntax, use, sum);
  if (added.length === 0) return undefined;
  const fused = presentValue(text, syntax, { key: 'actor_rollout_ref.model.use_fused_kernels', notation: 'override' });
  const isFused = fused !== undefined && /^true$/i.test(text.slice(fused.offset, fused.offset + fused.length));
  return isFused ? [...added, { ...fused, content: no }] : added;
}

/** Another estimator at its place in a script, with what that needs; none where the script takes its estimator from outside. */
export function estimatorFixes(program: ProgramText, setting: EstimatorSetting): readonly ScriptFix[] {
  const { framework, key, value, estimators } = setting;
  const better = betterEstimator(framework, estimators[0] ?? '');
  if (value === undefined || better === undefined || key.endsWith('scale_rewards')) return [];
  const more = requirementsOf(program, setting, better);
  return more ? [{ title: `Use ${better} instead`, edits: [{ ...value, content: better }, ...more] }] : [];
}

/** Clipping the gradient norm at a limit, where that is lower than it is clipped at now. */
export function clipFixes(program: ProgramText, setting: EstimatorSetting, limit: number): readonly ScriptFix[] {
  const { text, syntax } = program;
  const notation = notationOf(setting, program);
  const values = keysOf(setting, text).map((key): NewValue => ({ key, value: String(limit), notation }));
  const present = values.flatMap((value) => numberOf(text, presentValue(text, syntax, value)) ?? []);
  // Zero means no clipping to some of them.
  const clippedAt = Math.min(...present.filter((number) => number > 0), ...(present.length === 0 ? [usualClip] : []));
  if (!(limit > 0 && limit < clippedAt)) return [];
  const edits = values.map((value) => giveValue(text, syntax, setting.use, value));
  if (edits.some((made) => made.length === 0)) return [];
  return [
    {
      title: `Clip the gradient norm at ${quantityText(limit)} (${values.map(({ key }) => key).join(', ')})`,
      edits: together(edits.flat()),
    },
  ];
}

function keysOf({ framework, key }: EstimatorSetting, text: string): readonly string[] {
  if (framework === 'openrlhf' && key === 'advantage_estimator') return ['max_norm'];
  return framework === 'verl' && /megatron/i.test(text) ? clipKeys.verl.slice(0, 1) : clipKeys[framework];
}

function notationOf({ framework, use }: EstimatorSetting, { text, syntax }: ProgramText): Notation {
  if (text.startsWith('--', use.offset)) return 'flag';
  return framework === 'trl' && syntax === 'python' ? 'argument' : 'override';
}

function numberOf(text: string, span: { readonly offset: number; readonly length: number } | undefined): number | undefined {
  if (!span) return undefined;
  const number = Number(text.slice(span.offset, span.offset + span.length));
  return Number.isNaN(number) ? undefined : number;
}

/** Insertions at one place as one edit, in their order. */
function together(edits: readonly TextEdit[]): readonly TextEdit[] {
  const merged: TextEdit[] = [];
  for (const edit of edits) {
    const same = merged.findIndex(({ offset, length }) => length === 0 && edit.length === 0 && offset === edit.offset);
    const before = merged[same];
    if (before) merged[same] = { ...before, content: before.content + edit.content };
    else merged.push(edit);
  }
  return merged;
}
