import path from 'node:path';
import { ProgressLocation, Uri, commands, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { branchEstimator, defaultBranchPoint } from '../../core/branching/branchPoint.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import { trlClip } from '../../core/config/trlConfig.ts';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import { integerText } from '../../core/notation.ts';
import { isObject } from '../../core/records/json.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { readBranchSource } from '../../runs/branching/branchSource.ts';
import type { BranchSource } from '../../runs/branching/branchSource.ts';
import { planBranches } from '../../runs/branching/planBranches.ts';
import { isOwn, runName, runTitle } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { ConfigError } from '../../runs/config/configError.ts';
import { RunDirectoryError } from '../../runs/directory/runDirectoryError.ts';
import { launchInGroup } from '../../runs/launcher/resumeRuns.ts';
import { readGit } from '../../runs/planning/git.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { stepCalledOn } from '../runSelection.ts';
import { editorPython } from './editorPython.ts';
import { launchLimits } from './launchLimits.ts';
import { isTrustedTo } from './trust.ts';

/** What a branch is to be, where whoever calls the command has said so: nobody is asked then. */
interface SaidBranch {
  readonly step: number;
  readonly estimator: string;
}

interface WantedBranch extends SaidBranch {
  readonly changes: ReadonlyMap<string, unknown>;
}

/** Goes on with a run from one of its checkpoints as another run, in the background. */
export class RunBrancher {
  constructor(
    private readonly parts: Pick<Parts, 'runs' | 'settings' | 'panels' | 'log' | 'programs'>,
    private readonly choice: RunChoice,
  ) {}

  /** Called on a run, or on a step of it in a chart, and where nobody is to be asked, with `{step, estimator}`. */
  async branch([first, second]: readonly unknown[]): Promise<void> {
    if (!isTrustedTo('branch runs')) return;
    const run = await this.choice.one([first], {
      title: 'Branch from step…',
      which: isOwn,
      none: 'There is no run here whose process can be started: only runs that were started from OTB can be branched.',
      selection: 'runs',
    });
    if (run === undefined) return;
    try {
      const source = await readBranchSource(run.dir);
      const wanted = isSaid(second) ? { ...second, changes: new Map<string, unknown>() } : await ask(run, source, stepCalledOn([first]));
      if (wanted !== undefined) await this.start(run, source, wanted);
    } catch (error) {
      showFailure(`No branch of ${runName(run)} was started`, asForeseen(run, error), this.parts.log);
    }
  }

  private async start(run: RunOverview, source: BranchSource, { step, estimator, changes }: WantedBranch): Promise<void> {
    const { programs, settings, log, panels } = this.parts;
    const { group, cwd } = source.record;
    const runsDir = path.dirname(run.dir);
    const runs = planBranches(source, { step, estimators: [estimator], changes, git: await readGit(cwd) });
    const { program: python } = await editorPython(settings, workspace.getWorkspaceFolder(Uri.file(runsDir))?.uri);
    const title = `Starting a branch of ${runName(run)}`;
    const { pid } = await window.withProgress({ location: ProgressLocation.Window, title }, () =>
      launchInGroup(
        { runsDir, group, runs, python, limits: launchLimits(settings) },
        { otbEntry: programs.otb, nodePath: programs.node, env: programs.env },
      ),
    );
    log.info(`${runs.map(({ id }) => id).join(', ')}: branch of ${source.record.id}, left to process ${pid}`);
    note(`Branch of ${runName(run)} from step ${integerText(step)} with ${estimator}`);
    await commands.executeCommand('otb.runs.focus', { preserveFocus: true });
    if (settings.get('launch.openPanel')) await panels.open({ kind: 'group', runsDir, group, series: null }, { preserveFocus: true });
  }
}

function isSaid(value: unknown): value is SaidBranch {
  return isObject(value) && Number.isSafeInteger(value['step']) && typeof value['estimator'] === 'string';
}

/** What is wrong with what was asked for is a sentence for users. */
function asForeseen({ dir }: RunOverview, error: unknown): unknown {
  if (!(error instanceof ConfigError)) return error;
  const [first] = error.problems;
  return first === undefined ? error : new RunDirectoryError(dir, `${first.key}: ${first.message}`, first.remedy, { cause: error });
}

/** Undefined: the user wants none after all. */
async function ask(run: RunOverview, source: BranchSource, near: number | null): Promise<WantedBranch | undefined> {
  const title = `Branch from ${runTitle(run)}`;
  const step = await askForStep(title, source, near);
  if (step === undefined) return undefined;
  const estimator = await askForEstimator(`${title} at step ${integerText(step)}`, source.record);
  if (estimator === undefined) return undefined;
  const changes = new Map<string, unknown>();
  for (const question of questionsOf(source.record)) {
    const value = await askForNumber(`${title} at step ${integerText(step)}`, question);
    if (value === undefined) return undefined;
    if (value !== question.present) changes.set(question.path, value ?? question.off);
  }
  return { step, estimator, changes };
}

/** Throws a RunDirectoryError where there is none to choose. `near`: a step that somebody pointed at; null: nobody did. */
async function askForStep(title: string, source: BranchSource, near: number | null): Promise<number | undefined> {
  const { checkpoints, dir, onsetStep } = source;
  const pointed = near === null ? undefined : checkpoints.findLast((step) => step <= near);
  const usual =
    near === null || pointed === undefined
      ? defaultBranchPoint(source)
      : { step: pointed, why: pointed === near ? 'where you pointed' : `the last before step ${integerText(near)}` };
  if (checkpoints.length === 0 && 'problem' in usual) throw new RunDirectoryError(dir, usual.problem, usual.remedy);
  const describe = (step: number): string => (onsetStep !== null && step >= onsetStep ? 'after the onset of the collapse' : '');
  const others = checkpoints.filter((step) => 'problem' in usual || step !== usual.step).toReversed();
  const items: readonly (QuickPickItem & { readonly step: number })[] = [
    ...('problem' in usual ? [] : [{ label: `Step ${integerText(usual.step)}`, description: usual.why, step: usual.step }]),
    ...others.map((step) => ({ label: `Step ${integerText(step)}`, description: describe(step), step })),
  ];
  const placeHolder = 'problem' in usual ? `No checkpoint is offered first: ${usual.problem}` : 'The checkpoint to go on from';
  return (await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.step;
}

async function askForEstimator(title: string, { estimator, config }: RunRecord): Promise<string | undefined> {
  // A program may have names of its own; it has its run's.
  const known = isProgram(config) && config.trainer !== 'trl' ? [branchEstimator, 'optimal_token_baseline'] : estimatorNames;
  const names = [...new Set<string>([branchEstimator, ...known, estimator])];
  const items = names.map((name) => ({
    label: name,
    description: name === estimator ? 'as it is' : name === branchEstimator ? 'made to prevent the collapse' : '',
  }));
  return (await window.showQuickPick(items, { title, placeHolder: 'The estimator of the branch' }))?.label;
}

/** A number that can be changed at a branch. */
interface NumberQuestion {
  readonly path: string;
  readonly prompt: string;
  /** As it is; null: off. */
  readonly present: number | null;
  /** What stands for off in the config; left out: it cannot be off. */
  readonly off?: number | null;
}

/** Of a command the arguments say these. */
function questionsOf({ config }: RunRecord): readonly NumberQuestion[] {
  const clip = 'Gradient norm to clip at; empty: no clipping';
  if (!isProgram(config)) {
    return [
      { path: 'optimizer.learningRate', prompt: 'Learning rate', present: config.optimizer.learningRate },
      { path: 'optimizer.maxGradNorm', prompt: clip, present: config.optimizer.maxGradNorm, off: null },
    ];
  }
  if (config.trainer !== 'trl') return [];
  // Its learning rate is in the checkpoint.
  return [{ path: 'trl.max_grad_norm', prompt: clip, present: trlClip(config.trl), off: 0 }];
}

/** Undefined: the user wants no branch after all; null: off. */
async function askForNumber(title: string, { prompt, present, off }: NumberQuestion): Promise<number | null | undefined> {
  const written = present === null ? '' : String(present);
  const text = await window.showInputBox({
    title,
    prompt: `${prompt}. Enter keeps what stands there.`,
    value: written,
    validateInput: (value) =>
      (value.trim() === '' ? off !== undefined : Number(value) > 0 && Number.isFinite(Number(value)))
        ? undefined
        : `Write a number above 0, for example ${present === null ? '1' : String(present / 2)}.`,
  });
  if (text === undefined) return undefined;
  return text.trim() === '' ? null : Number(text);
}
