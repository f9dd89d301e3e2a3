import { Uri, commands, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { chosenColors } from '../../core/figure/palette.ts';
import { counted } from '../../core/notation.ts';
import { runColors, tagsFrom } from '../../core/records/runLabel.ts';
import type { RunColor, RunLabel } from '../../core/records/runLabel.ts';
import { hasEnded, isArchived } from '../../core/records/runState.ts';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import type { SaidLabel } from '../../runs/labels/labelsFile.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { Parts } from '../parts.ts';
import { byGroup, selectedNodes } from '../runSelection.ts';
import type { LabelCommand } from './lateCommands.ts';
import { note } from './messages.ts';
import { noteCommand } from './noteCommand.ts';
import type { CommandWork } from './registerCommand.ts';
import { RunChoice } from './runChoice.ts';
import type { RunQuestion } from './runChoice.ts';

type LabelParts = Pick<Parts, 'runs' | 'view'>;
type Runs = readonly RunOverview[] | undefined;

const any = { which: () => true, none: 'There are no runs in this workspace yet.', selection: 'runs and groups', archived: true } as const;
const archivable: RunQuestion = {
  title: 'Archive runs',
  which: (run) => hasEnded(run) && !isArchived(run),
  none: 'Only runs that have ended can be archived.',
  selection: 'runs and groups',
};
const archived: RunQuestion = { ...any, title: 'Unarchive runs', which: isArchived, none: 'None of these runs is archived.' };

/** Commands on what is said of runs: their names, tags and colours, and whether they are archived. They change nothing of a run itself. */
export function labelCommands(parts: LabelParts): Readonly<Record<LabelCommand, CommandWork>> {
  const choice = new RunChoice(parts);
  return {
    'otb.renameRun': async (...args) =>
      // The key for renaming is pressed on whichever row has the focus.
      selectedNodes(...args)[0]?.kind === 'group'
        ? renameGroup(args, choice, parts)
        : renameRun(await choice.one(args, { ...any, title: 'Rename run' }), parts),
    'otb.renameGroup': (...args) => renameGroup(args, choice, parts),
    'otb.editTags': async (...args) => editTags(await choice.several(args, { ...any, title: 'Edit tags' }), parts),
    'otb.setColor': async (...args) => setColor(await choice.several(args, { ...any, title: 'Set color' }), parts),
    'otb.archiveRun': async (...args) => archive(await choice.several(args, archivable), true, parts),
    'otb.unarchiveRun': async (...args) => archive(await choice.several(args, archived), false, parts),
    'otb.noteStep': noteCommand(choice),
    'otb.labelRun': async (...args) => chooseCommand(await choice.several(args, { ...any, title: 'Rename, tag, color or archive' })),
  };
}

function relabel({ runs: list }: LabelParts, runs: readonly RunOverview[], label: (now: RunLabel) => SaidLabel): Promise<void> {
  return list.label(runs.map(({ dir }) => ({ kind: 'run', dir, label })));
}

async function renameRun(run: RunOverview | undefined, parts: LabelParts): Promise<void> {
  if (!run) return;
  const { label, ...unnamed } = run.identity;
  const name = await window.showInputBox({
    title: `Rename ${runName(run)}`,
    prompt: `Leave empty for ${runName({ identity: unnamed })}. The files of the run do not change.`,
    value: label?.name ?? '',
  });
  if (name !== undefined) await relabel(parts, [run], (now) => ({ ...now, name }));
}

async function renameGroup(args: readonly unknown[], choice: RunChoice, parts: LabelParts): Promise<void> {
  const node = await choice.group(args, {
    title: 'Rename group',
    groups: () => Promise.resolve(byGroup(parts.runs.all).map(({ node, runs }) => ({ node, description: counted(runs.length, 'run') }))),
    none: any.none,
  });
  if (!node) return;
  const name = await window.showInputBox({
    title: `Rename ${parts.runs.titleOf(node)}`,
    prompt: 'Leave empty for the name in its runs. Their files do not change.',
    value: parts.runs.nameGivenTo(node) ?? '',
  });
  if (name !== undefined) await parts.runs.label([{ ...node, name }]);
}

/** Of several runs, the tags that all have are shown; what one has besides, it keeps. */
async function editTags(runs: Runs, parts: LabelParts): Promise<void> {
  if (!runs || runs.length === 0) return;
  const tagsOf = ({ identity }: RunOverview): readonly string[] => identity.label?.tags ?? [];
  const common = tagsOf(runs[0] as RunOverview).filter((tag) => runs.every((run) => tagsOf(run).includes(tag)));
  const used = [...new Set(parts.runs.all.flatMap(tagsOf))].filter((tag) => !common.includes(tag)).toSorted();
  const text = await window.showInputBox({
    title: `Tags of ${namesOf(runs)}`,
    prompt: `Separated by commas.${used.length === 0 ? '' : ` Used elsewhere: ${used.slice(0, 12).join(', ')}.`}`,
    value: common.join(', '),
  });
  if (text === undefined) return;
  const tags = tagsFrom(text);
  await relabel(parts, runs, (now) => ({
    ...now,
    tags: [...new Set([...(now.tags ?? []).filter((tag) => !common.includes(tag)), ...tags])],
  }));
}

interface ColorItem extends QuickPickItem {
  readonly color: RunColor | undefined;
}

async function setColor(runs: Runs, parts: LabelParts): Promise<void> {
  if (!runs || runs.length === 0) return;
  const present = new Set(runs.map(({ identity }) => identity.label?.color));
  const now = (color: RunColor | undefined): Pick<QuickPickItem, 'description'> =>
    present.size === 1 && present.has(color) ? { description: 'now' } : {};
  const items: readonly ColorItem[] = [
    { label: '$(discard) By estimator', color: undefined, ...now(undefined) },
    ...runColors.map((color) => ({ label: color, iconPath: dotOf(color), color, ...now(color) })),
  ];
  const picked = await window.showQuickPick(items, {
    title: `Color of ${namesOf(runs)}`,
    placeHolder: 'A series is drawn in this color if all of its runs have it',
  });
  if (!picked) return;
  await relabel(parts, runs, (now) => ({ ...now, color: picked.color }));
}

function dotOf(color: RunColor): { readonly light: Uri; readonly dark: Uri } {
  const dot = (fill: string): Uri => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><circle cx="8" cy="8" r="6" fill="${fill}"/></svg>`;
    return Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
  };
  return { light: dot(chosenColors[color].light), dark: dot(chosenColors[color].dark) };
}

async function archive(runs: Runs, isToBe: boolean, parts: LabelParts): Promise<void> {
  if (!runs || runs.length === 0) return;
  await relabel(parts, runs, (now) => ({ ...now, isArchived: isToBe }));
  note(`${counted(runs.length, 'run')} ${isToBe ? 'archived' : 'unarchived'}`);
}

interface CommandItem extends QuickPickItem {
  readonly command: string;
}

async function chooseCommand(runs: Runs): Promise<void> {
  const [first] = runs ?? [];
  if (!runs || !first) return;
  const items: readonly CommandItem[] = [
    { label: '$(edit) Rename…', command: 'otb.renameRun' },
    { label: '$(tag) Edit tags…', command: 'otb.editTags' },
    { label: '$(symbol-color) Set color…', command: 'otb.setColor' },
    ...(runs.some(archivable.which) ? [{ label: '$(archive) Archive', command: 'otb.archiveRun' }] : []),
    ...(runs.some(isArchived) ? [{ label: '$(inbox) Unarchive', command: 'otb.unarchiveRun' }] : []),
  ];
  const picked = await window.showQuickPick(items, {
    title: runs.length === 1 ? `${runName(first)} of ${groupTitle(first)}` : namesOf(runs),
  });
  if (picked)
    await commands.executeCommand(
      picked.command,
      runs.map(({ dir }) => dir),
    );
}

function namesOf(runs: readonly RunOverview[]): string {
  const [first] = runs;
  return runs.length === 1 && first ? runName(first) : counted(runs.length, 'run');
}
