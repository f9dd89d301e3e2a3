import { QuickPickItemKind, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { groupKey, groupTitle } from '../../runs/catalog/groupTitles.ts';
import { runName, runWords } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';

interface RunItem extends QuickPickItem {
  readonly run?: RunOverview;
}

/** Lets the user choose at least `least` of the runs, of which some are chosen already; undefined: they want none after all. */
export async function pickRuns(
  runs: readonly RunOverview[],
  { title, picked, least }: { readonly title: string; readonly picked: readonly RunOverview[]; readonly least: number },
): Promise<readonly RunOverview[] | undefined> {
  if (runs.length < least) {
    const there = runs.length === 0 ? 'There are no runs in this workspace yet.' : 'There is one run in this workspace.';
    void window.showInformationMessage(`${there} ${title} takes at least ${least}.`);
    return undefined;
  }
  const chosen = new Set(picked.map(({ dir }) => dir));
  const items = runs.flatMap((run, index): RunItem[] => {
    const before = runs[index - 1];
    const item = { label: runName(run), description: runWords(run), run, picked: chosen.has(run.dir) };
    return before && groupKey(before) === groupKey(run) ? [item] : [{ label: groupTitle(run), kind: QuickPickItemKind.Separator }, item];
  });
  const answer = await window.showQuickPick(items, {
    title,
    canPickMany: true,
    matchOnDescription: true,
    placeHolder: `Choose at least ${least} runs`,
  });
  const answered = answer?.flatMap(({ run }) => run ?? []);
  if (!answered || answered.length === 0) return undefined;
  if (answered.length >= least) return answered;
  void window.showInformationMessage(`${title} takes at least ${least} runs.`);
  return undefined;
}
