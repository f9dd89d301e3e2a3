import { quantityText, roundedQuantity } from '../../core/notation.ts';
import { hasCollapsed, isLive } from '../../core/records/runState.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import type { Config } from '../../core/config/config.ts';
import { trlClip } from '../../core/config/trlConfig.ts';
import { estimatorSettings } from '../../core/inline/estimatorSettings.ts';
import type { EstimatorSetting } from '../../core/inline/estimatorSettings.ts';
import { betterEstimator, clipFixes, estimatorFixes, requirementsOf } from '../../core/inline/frameworkFixes.ts';
import { endOf } from '../../core/inline/textEdit.ts';
import type { TextEdit } from '../../core/inline/textEdit.ts';
import { collapseCall, hasSurge } from '../../core/records/events.ts';
import { median } from '../../core/statistics/quantiles.ts';
import { offeredBranch } from '../branching/branchSource.ts';
import type { OfferedBranch } from '../branching/branchSource.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import { removeElement, setValue } from './configEdit.ts';
import type { CollapseProblem } from './collapseProblems.ts';
import type { ConfigOutline, NamedEstimator } from './configOutline.ts';
import { ScriptOutline } from './scriptOutline.ts';

/** Something to do about a collapse: a change of the config, or a command on runs. */
export type CollapseFix =
  | { readonly kind: 'edit'; readonly title: string; readonly edits: readonly TextEdit[] }
  | {
      readonly kind: 'command';
      readonly title: string;
      readonly command: 'otb.stopRun' | 'otb.branchRun';
      readonly runs: readonly string[];
      /** Of a branch: from where, and with what. */
      readonly branch?: OfferedBranch;
    };

const remedy: EstimatorName = 'tir_optimal_token_baseline';

/** What can be done about the collapsed ones among an estimator's latest runs, the most promising first. */
export function collapseFixes(
  outline: ConfigOutline | ScriptOutline,
  { named, setting, runs }: Pick<CollapseProblem, 'named' | 'setting' | 'runs'>,
): readonly CollapseFix[] {
  const fallen = runs.filter(hasCollapsed);
  const limit = clipLimit(fallen);
  const edits = outline instanceof ScriptOutline ? scriptFixes(outline, setting, limit) : configFixes(outline, named, limit);
  const live = fallen.filter(isLive).map((run) => run.dir);
  return [
    ...edits,
    ...branchFixes(fallen),
    ...(live.length > 0
      ? [
          {
            kind: 'command',
            title: live.length === 1 ? 'Stop the run' : `Stop the ${live.length} collapsed runs`,
            command: 'otb.stopRun',
            runs: live,
          } as const,
        ]
      : []),
  ];
}

/** A branch of the first that has a checkpoint from before its collapse. */
function branchFixes(fallen: readonly OwnRun[]): readonly CollapseFix[] {
  for (const run of fallen) {
    const branch = offeredBranch(run);
    if (branch === undefined) continue;
    const title = fallen.length === 1 ? branch.title : `${branch.title} (seed ${run.identity.seed})`;
    return [{ kind: 'command', title, command: 'otb.branchRun', runs: [run.dir], branch }];
  }
  return [];
}

/** Twice the usual norm leaves healthy steps alone. It is of no use where the collapse came without a surge; then NaN. */
function clipLimit(fallen: readonly OwnRun[]): number {
  const surges = fallen.flatMap((run) => collapseCall(run.collapseEvents, run.detectedStep) ?? []).filter(hasSurge);
  return roundedQuantity(2 * median(surges.map(({ data }) => data['usualGradNorm']).filter((norm) => norm !== undefined)));
}

function configFixes(outline: ConfigOutline, estimator: NamedEstimator | undefined, limit: number): readonly CollapseFix[] {
  // Text that is being typed is no ground for edits.
  if (!outline.isComplete || !outline.config) return [];
  const clip = clipOf(outline.config);
  const fixes =
    clip === undefined
      ? programFixes(outline, estimator, limit)
      : [...replacement(outline, estimator, remedy, []), ...clipFix(outline, clip, limit)];
  return [...fixes, ...stopFixes(outline)];
}

function scriptFixes({ text, syntax }: ScriptOutline, setting: EstimatorSetting | undefined, limit: number): readonly CollapseFix[] {
  if (!setting) return [];
  const program = { text, syntax };
  return [...estimatorFixes(program, setting), ...clipFixes(program, setting, limit)].map((fix) => ({ kind: 'edit', ...fix }));
}

/** What a framework has that the command of a config names: its list of arguments is written like one of Python's. */
function programFixes(outline: ConfigOutline, estimator: NamedEstimator | undefined, limit: number): readonly CollapseFix[] {
  const list = outline.span(['command']);
  if (!list) return [];
  const program = { text: outline.text.slice(list.offset, endOf(list)), syntax: 'python' } as const;
  // What another estimator is named for stands in the script.
  const setting = estimatorSettings(program.text, program.syntax).find(({ estimators }) => estimators.length === 0);
  if (!setting) return [];
  const inConfig = (edits: readonly TextEdit[]): readonly TextEdit[] =>
    edits.map((edit) => ({ ...edit, offset: edit.offset + list.offset }));
  const better = betterEstimator(setting.framework, estimator?.name ?? '');
  const needed = better === undefined ? undefined : requirementsOf(program, setting, better);
  return [
    ...(better === undefined || needed === undefined ? [] : replacement(outline, estimator, better, inConfig(needed))),
    ...clipFixes(program, setting, limit).map(({ title, edits }): CollapseFix => ({ kind: 'edit', title, edits: inConfig(edits) })),
  ];
}

/** Another estimator in place of one in the list, with what it needs; where the other is there already, the list without the one. */
function replacement(
  outline: ConfigOutline,
  estimator: NamedEstimator | undefined,
  better: string,
  needed: readonly TextEdit[],
): readonly CollapseFix[] {
  if (!estimator || estimator.name === better) return [];
  if (outline.estimators.some(({ name }) => name === better)) {
    return [{ kind: 'edit', title: `Remove ${estimator.name}`, edits: removeElement(outline, ['estimators'], estimator.index) }];
  }
  return [{ kind: 'edit', title: `Use ${better} instead`, edits: [{ ...estimator.span, content: JSON.stringify(better) }, ...needed] }];
}

/** Where a config says at which norm gradients are clipped, and what it says. */
interface Clip {
  readonly keys: readonly [section: string, key: string];
  readonly present: number | null;
}

/** Undefined where the program has that, and not its config. */
function clipOf({ trainer, optimizer, trl }: Config): Clip | undefined {
  switch (trainer) {
    case 'builtin':
      return { keys: ['optimizer', 'maxGradNorm'], present: optimizer.maxGradNorm };
    case 'trl':
      return { keys: ['trl', 'max_grad_norm'], present: trlClip(trl) };
    default:
      return undefined;
  }
}

function clipFix(outline: ConfigOutline, { keys, present }: Clip, limit: number): readonly CollapseFix[] {
  if (!(limit > 0 && limit < (present ?? Infinity))) return [];
  const title = `Clip the gradient norm at ${quantityText(limit)} (${keys.join('.')})`;
  return [{ kind: 'edit', title, edits: setValue(outline, keys, limit) }];
}

function stopFixes(outline: ConfigOutline): readonly CollapseFix[] {
  if (outline.config?.onCollapse !== 'warn') return [];
  return [{ kind: 'edit', title: 'Stop runs at collapse (onCollapse: "stop")', edits: setValue(outline, ['onCollapse'], 'stop') }];
}
