import path from 'node:path';
import { QuickPickItemKind, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { guessMapping, misfit } from '../../runs/rollouts/formats/guessMapping.ts';
import { keysOf, mappedFieldNames, mappedFields, valueAt } from '../../runs/rollouts/formats/mapping.ts';
import type { MappedField, RolloutMapping, Row } from '../../runs/rollouts/formats/mapping.ts';

/** Characters of a value, and of a line, that fit beside a key. */
const previewLengths = { value: 60, line: 160 } as const;

const fieldNames: Readonly<Record<MappedField, string>> = {
  prompt: 'Prompt',
  response: 'Response',
  reward: 'Reward',
  group: 'Group',
  step: 'Step',
  mask: 'Mask',
  logProbs: 'Log-probabilities',
  sumPiSquared: 'Σπ²',
};

type Draft = Readonly<Record<MappedField, string | null>>;

interface FieldItem extends QuickPickItem {
  /** Null: all is well, open. */
  readonly field: MappedField | null;
}

/**
 * Asks which keys of the rows say what, beginning with what was said before (`known`), or a guess: all of them in one list, each to be
 * changed. Undefined: the user wants no mapping after all.
 */
export async function askMapping(
  file: string,
  rows: readonly Row[],
  known: RolloutMapping | undefined,
): Promise<RolloutMapping | undefined> {
  let draft: Draft = known ?? guessMapping(rows) ?? { ...(Object.fromEntries(mappedFieldNames.map((field) => [field, null])) as Draft) };
  const title = `Keys of ${path.basename(file)}`;
  for (;;) {
    const mapping = isMapping(draft) ? draft : undefined;
    const problem = mapping === undefined ? 'choose the key of the response' : misfitText(rows, mapping);
    const items = [
      ...(problem === null ? [accept] : [problemItem(problem)]),
      ...mappedFieldNames.map((field) => fieldItem(field, draft, rows)),
    ];
    const picked = await window.showQuickPick<FieldItem>(items, { title, placeHolder: firstLine(rows), matchOnDescription: true });
    if (picked === undefined) return undefined;
    if (picked.field !== null) draft = (await askKey(title, picked.field, draft, rows)) ?? draft;
    else if (mapping !== undefined && problem === null) return mapping;
  }
}

const accept: FieldItem = { label: '$(check) Open with these keys', description: 'asked once for this file', field: null };

function misfitText(rows: readonly Row[], mapping: RolloutMapping): string | null {
  const problem = misfit(rows, mapping);
  return problem === null ? null : `a line ${problem}`;
}

function problemItem(problem: string): FieldItem {
  return {
    label: '$(warning) These keys do not fit yet',
    description: problem,
    field: null,
  };
}

function fieldItem(field: MappedField, draft: Draft, rows: readonly Row[]): FieldItem {
  const key = draft[field];
  const description = key === null ? 'no key' : `${key}  ${previewOf(valueAt(rows[0] ?? {}, key))}`;
  return { label: fieldNames[field], description, detail: mappedFields[field], field };
}

/** Undefined: nothing is to be changed. */
async function askKey(title: string, field: MappedField, draft: Draft, rows: readonly Row[]): Promise<Draft | undefined> {
  const keys = [...new Set(rows.flatMap(keysOf))];
  const items: (QuickPickItem & { readonly key: string | null })[] = [
    ...(field === 'response' ? [] : [{ label: '$(circle-slash) No key', key: null }]),
    { label: '', kind: QuickPickItemKind.Separator, key: null },
    ...keys.map((key) => ({
      label: key,
      description: previewOf(rows.map((row) => valueAt(row, key)).find((value) => value !== undefined)),
      key,
    })),
  ];
  const picked = await pickWithActive(
    items,
    items.find(({ key }) => key === draft[field]),
    `${title}: ${fieldNames[field]}`,
    mappedFields[field],
  );
  return picked && { ...draft, [field]: picked.key };
}

/** A choice with an item preselected, which showQuickPick cannot do. */
function pickWithActive<Item extends QuickPickItem>(
  items: readonly Item[],
  active: Item | undefined,
  title: string,
  placeholder: string,
): Promise<Item | undefined> {
  const pick = window.createQuickPick<Item>();
  Object.assign(pick, { items, title, placeholder, matchOnDescription: true });
  if (active) pick.activeItems = [active];
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function isMapping(draft: Draft): draft is RolloutMapping {
  return draft.response !== null;
}

function firstLine(rows: readonly Row[]): string {
  return `First line: ${cut(JSON.stringify(rows[0] ?? {}), previewLengths.line)}`;
}

function previewOf(value: unknown): string {
  return value === undefined
    ? ''
    : cut(typeof value === 'string' ? value.replaceAll(/\s+/g, ' ') : JSON.stringify(value), previewLengths.value);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
