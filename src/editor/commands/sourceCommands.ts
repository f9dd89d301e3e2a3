import path from 'node:path';
import { Uri, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import { namesText } from '../../core/collapse/sentences.ts';
import { counted } from '../../core/notation.ts';
import { isForeign } from '../../core/records/runState.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import { RunDirectoryError } from '../../runs/directory/runDirectoryError.ts';
import { requireRuns } from '../../runs/sources/findRuns.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { PathPattern, guessedPattern } from '../../runs/sources/pathPattern.ts';
import { placeId } from '../../runs/sources/runPlace.ts';
import type { Parts } from '../parts.ts';
import type { SourceCommand } from './lateCommands.ts';
import { note } from './messages.ts';
import type { ReadOnlyTexts } from './readOnlyTexts.ts';
import type { CommandWork } from './registerCommand.ts';
import { RunChoice } from './runChoice.ts';
import type { RunQuestion } from './runChoice.ts';
import { completeStep } from '../walkthrough.ts';

type SourceParts = Pick<Parts, 'runs' | 'view' | 'panels' | 'decisions'>;

/** Commands on logs, event files and folders that other programs wrote. They read them, and write nothing there. */
export function sourceCommands(parts: SourceParts, texts: ReadOnlyTexts): Readonly<Record<SourceCommand, CommandWork>> {
  const choice = new RunChoice(parts);
  return {
    'otb.openSource': (...args) => openSource(args, parts, texts),
    'otb.removeSource': async (...args) => removeSource(await choice.several(args, removable), parts),
    'otb.assignRun': async (...args) => assignRun(await choice.several(args, assignable), parts),
    'otb.setPathPattern': () => setPathPattern(parts),
  };
}

const removable: RunQuestion = {
  title: 'Remove from list',
  which: isForeign,
  none: 'Only logs and folders of other programs that were opened can be removed from the list.',
  selection: 'runs and groups',
  archived: true,
};

const assignable: RunQuestion = { ...removable, title: 'Set estimator, seed and group', none: 'There is no run of another program.' };

/** Opens what the command was called on, or what the user picks: it is listed from now on, and its panel opened. */
async function openSource(args: readonly unknown[], parts: SourceParts, texts: ReadOnlyTexts): Promise<void> {
  const uris = urisOf(args) ?? (await pick());
  if (uris === undefined || uris.length === 0) return;
  const opened: string[] = [];
  const found: RunPlace[] = [];
  for (const uri of uris) {
    try {
      const { places, isIncomplete } = await requireRuns(uri.fsPath);
      opened.push(uri.fsPath);
      found.push(...places);
      if (isIncomplete)
        void window.showWarningMessage(`There is more in ${uri.fsPath} than was searched. Open the folders in it that you mean.`);
    } catch (error) {
      if (!(error instanceof RunDirectoryError)) throw error;
      void explain(uri.fsPath, error, texts);
    }
  }
  if (opened.length === 0) return;
  await parts.decisions.open(opened);
  await parts.runs.ready;
  const runs = found.flatMap((place) => parts.runs.get(placeId(place)) ?? []);
  const [first] = runs;
  if (!first) return;
  await parts.view.reveal(first);
  await parts.panels.open({ kind: 'runs', runs: runs.map(({ dir }) => dir) });
  completeStep('own');
  note(`${counted(runs.length, 'run')} opened`);
}

/** What could not be read, in a line; what was looked for and what is there is behind the button. */
async function explain(file: string, error: RunDirectoryError, texts: ReadOnlyTexts): Promise<void> {
  const details = 'Details';
  const [problem = ''] = error.message.slice(error.message.indexOf(': ') + 2).split('\n');
  const short = `${path.basename(file)}: ${problem.replace(/ Looked for:$/, '')}`;
  if ((await window.showErrorMessage(short, details)) === details) await texts.show('Not a run', error.message);
}

/** The explorer gives what was clicked and all that is selected; other callers a list of places. */
export function urisOf([first, second]: readonly unknown[]): readonly Uri[] | undefined {
  const all: readonly unknown[] = Array.isArray(second) && second.length > 0 ? second : Array.isArray(first) ? first : [first];
  const uris = all.flatMap((value) => (value instanceof Uri ? [value] : typeof value === 'string' ? [Uri.file(value)] : []));
  return uris.length > 0 ? uris.filter(({ scheme }) => scheme === 'file') : undefined;
}

/** Dialogs of most systems let one choose files or folders, not both. */
async function pick(): Promise<readonly Uri[] | undefined> {
  const kinds = [
    {
      label: '$(file) Log or event file…',
      isFolder: false,
      detail: 'a console log, trainer_state.json, CSV, JSON lines, .wandb, notebook, mlflow.db …',
    },
    {
      label: '$(folder) Folder of runs…',
      isFolder: true,
      detail: 'TensorBoard, W&B, MLflow, output folders of trainers, or several runs below each other',
    },
  ];
  const kind = await window.showQuickPick(kinds, { title: 'Open run log or folder', placeHolder: 'Nothing in it is changed or copied' });
  if (!kind) return undefined;
  return window.showOpenDialog({
    canSelectFiles: !kind.isFolder,
    canSelectFolders: kind.isFolder,
    canSelectMany: true,
    openLabel: 'Open',
    title: 'Open run log or folder',
  });
}

/** Files stay; what was opened is only no longer listed. */
async function removeSource(runs: readonly RunOverview[] | undefined, { decisions, runs: list }: SourceParts): Promise<void> {
  if (!runs || runs.length === 0) return;
  const places = runs.map((run) => ({ run, opened: decisions.openedWith(list.placeOf(run.dir)?.source ?? run.dir) }));
  const opened = [...new Set(places.flatMap((place) => place.opened))];
  const fixed = places.filter((place) => place.opened.length === 0);
  if (fixed.length > 0) {
    const names = namesText(fixed.map(({ run }) => runName(run)));
    const [come, them] = fixed.length === 1 ? ['comes', 'it'] : ['come', 'them'];
    void window.showInformationMessage(
      `${names} ${come} from a folder in the setting otb.runs.folders: remove it there to take ${them} off the list.`,
    );
  }
  if (opened.length === 0) return;
  const others = list.all.filter((run) => !runs.includes(run) && decisions.openedWith(run.dir).some((place) => opened.includes(place)));
  const remove = 'Remove';
  const question = `${opened.join(', ')} was opened as a whole: ${counted(others.length, 'other run')} in it will leave the list as well. Its files are kept.`;
  if (others.length > 0 && (await window.showWarningMessage(question, { modal: true }, remove)) !== remove) return;
  await decisions.close(opened);
}

interface EstimatorItem extends QuickPickItem {
  readonly estimator: string | undefined;
}

/** Asks for estimator, seed and group, one after the other; what is left empty stays as the files tell. */
async function assignRun(runs: readonly RunOverview[] | undefined, { decisions }: SourceParts): Promise<void> {
  const [first] = runs ?? [];
  if (!runs || !first) return;
  const title = runs.length === 1 ? `What ${runName(first)} is` : `What these ${runs.length} runs are`;
  const estimator = await pickEstimator(title, first.identity.estimator);
  if (estimator === undefined) return;
  const seed = await window.showInputBox({
    title: `${title} (2 of 3)`,
    prompt: 'Seed. Leave empty to take it from the files.',
    value: runs.length === 1 && first.identity.seed !== null ? String(first.identity.seed) : '',
    validateInput: (text) => (/^\d{0,15}$/.test(text) ? undefined : 'Enter a whole number, or nothing.'),
  });
  if (seed === undefined) return;
  const group = await window.showInputBox({
    title: `${title} (3 of 3)`,
    prompt: 'Group. Leave empty to take it from the files.',
    // Runs of several groups come into one only where somebody says so.
    value: runs.every(({ identity }) => identity.group === first.identity.group) ? first.identity.group : '',
  });
  if (group === undefined) return;
  await decisions.assign(
    runs.map(({ dir }) => dir),
    {
      ...(estimator !== '' && { estimator }),
      ...(seed !== '' && { seed: Number(seed) }),
      ...(group.trim() !== '' && { group: group.trim() }),
    },
  );
}

/** Undefined: cancelled; empty: as the files tell. */
async function pickEstimator(title: string, present: string | null): Promise<string | undefined> {
  const items: readonly EstimatorItem[] = [
    { label: '$(discard) From the files', ...(present !== null && { description: `now ${present}` }), estimator: '' },
    ...estimatorNames.map((name) => ({ label: name, estimator: name })),
    { label: '$(edit) Another name…', estimator: undefined },
  ];
  const picked = await window.showQuickPick(items, { title: `${title} (1 of 3)`, placeHolder: 'Advantage estimator' });
  if (!picked) return undefined;
  return (
    picked.estimator ?? window.showInputBox({ title: `${title} (1 of 3)`, prompt: 'Name of the estimator, as charts and tables show it' })
  );
}

/** A pattern over the paths of all runs of other programs, with what it says of those that there are. */
async function setPathPattern({ decisions, runs }: SourceParts): Promise<void> {
  await runs.ready;
  const sources = runs.all.filter(isForeign).flatMap(({ dir }) => runs.placeOf(dir)?.source ?? []);
  const text = await window.showInputBox({
    title: 'Estimator, seed and group from the path',
    prompt: 'Matches the end of the path, without the file extension. {name} matches anything. Leave empty for no pattern.',
    value: decisions.pathPattern ?? guessedPattern(sources[0] ?? ''),
    validateInput: (typed) => (typed === '' ? undefined : preview(typed, sources)),
  });
  if (text === undefined) return;
  await decisions.setPattern(text === '' ? undefined : text);
}

function preview(text: string, sources: readonly string[]): { readonly message: string; readonly severity: 1 | 3 } {
  const pattern = PathPattern.parse(text);
  if (typeof pattern === 'string') return { message: pattern, severity: 3 };
  const found = sources.flatMap((source) => pattern.match(source) ?? []);
  const [first] = found;
  const example = first
    ? `, e.g. ${Object.entries(first)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}`
    : '';
  return { message: `Matches ${found.length} of ${counted(sources.length, 'run')}${example}.`, severity: 1 };
}
