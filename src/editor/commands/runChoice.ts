import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { runName, runWords } from '../../runs/catalog/runOverview.ts';
import type { Parts } from '../parts.ts';
import { groupOf, nodeId, nodesCalledOn, runsOf, selectedNodes } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';

/** What a command is about, and how it asks where nobody has said which. */
export interface RunQuestion {
  /** "Stop runs" */
  readonly title: string;
  /** Runs that the command can do something with. */
  readonly which: (run: RunOverview) => boolean;
  /** What to say where there are none. */
  readonly none: string;
  /** What of the selection in the runs view counts as an answer; `runs`: a group that is selected does not stand for all of its runs. */
  readonly selection: 'runs and groups' | 'runs';
  /** Whether it is also about runs that are archived. */
  readonly archived?: boolean;
}

export interface GroupQuestion {
  readonly title: string;
  readonly groups: () => Promise<readonly { readonly node: GroupNode; readonly description: string }[]>;
  readonly none: string;
}

interface RunItem extends QuickPickItem {
  readonly run: RunOverview;
}

/** Finds out which runs a command is about: those it was called on, those selected in the view, or those the user picks. */
export class RunChoice {
  constructor(private readonly parts: Pick<Parts, 'runs'> & { readonly view: Pick<Parts['view'], 'selection'> }) {}

  /** Undefined or empty: the user wants none after all, or has been told that there are none. */
  async several(args: readonly unknown[], question: RunQuestion): Promise<readonly RunOverview[] | undefined> {
    const said = await this.said(args, question);
    if (said) return said;
    const items = this.items(question);
    if (items === undefined) return undefined;
    const ticked = items.map((item) => ({ ...item, picked: items.length === 1 }));
    const picked = await window.showQuickPick(ticked, {
      title: question.title,
      canPickMany: true,
      matchOnDescription: true,
      placeHolder: 'Choose runs',
    });
    return picked === undefined || picked.length === 0 ? undefined : picked.map(({ run }) => run);
  }

  async one(args: readonly unknown[], question: RunQuestion): Promise<RunOverview | undefined> {
    const said = await this.said(args, question);
    if (said && said.length <= 1) return said[0];
    const items = said?.map(runItem) ?? this.items(question);
    return (
      items && (await window.showQuickPick(items, { title: question.title, matchOnDescription: true, placeHolder: 'Choose a run' }))?.run
    );
  }

  async group(args: readonly unknown[], { title, groups, none }: GroupQuestion): Promise<GroupNode | undefined> {
    await this.parts.runs.ready;
    const [said] = selectedNodes(...args);
    if (said?.kind === 'group') return said;
    const [run] = said ? runsOf([said], this.parts.runs) : [];
    if (run) return groupOf(run);
    const found = await groups();
    if (found.length === 0) {
      void window.showInformationMessage(none);
      return undefined;
    }
    const selected = (await this.parts.view.selection()).filter((node) => node.kind === 'group').map(nodeId);
    const right = found.filter(({ node }) => selected.includes(nodeId(node)));
    if (right.length === 1) return right[0]?.node;
    const items = found.map(({ node, description }) => ({ label: this.parts.runs.titleOf(node), description, node }));
    return (await window.showQuickPick(items, { title, placeHolder: 'Choose a group' }))?.node;
  }

  /** Undefined: nothing was said; empty: of what was said nothing is right, and the user has been told. */
  private async said(
    args: readonly unknown[],
    { which, none, selection, archived }: RunQuestion,
  ): Promise<readonly RunOverview[] | undefined> {
    // A command may be what activates the extension.
    await this.parts.runs.ready;
    const inView = await this.parts.view.selection();
    const said = nodesCalledOn(args, inView);
    const runs = runsOf(said, this.parts.runs, archived).filter(which);
    if (runs.length > 0) return runs;
    if (said.length > 0) {
      void window.showInformationMessage(none);
      return [];
    }
    const nodes = inView.filter(({ kind }) => selection === 'runs and groups' || kind === 'run');
    const selected = runsOf(nodes, this.parts.runs, archived).filter(which);
    return selected.length > 0 ? selected : undefined;
  }

  private items({ which, none, archived = false }: RunQuestion): readonly RunItem[] | undefined {
    const runs = this.parts.runs[archived ? 'all' : 'runs'].filter(which);
    if (runs.length === 0) void window.showInformationMessage(none);
    return runs.length === 0 ? undefined : runs.map(runItem);
  }
}

function runItem(run: RunOverview): RunItem {
  return { label: runName(run), description: runWords(run), detail: groupTitle(run), run };
}
