import { QuickPickItemKind, Uri, window, workspace } from 'vscode';
import type { QuickPickItem, TextDocument } from 'vscode';
import { configEnding } from '../../core/config/config.ts';
import { isConfig } from '../inline/configSelector.ts';
import type { NewConfigs, PresetItem } from './newConfigs.ts';

const configFiles = `**/*${configEnding}`;
const noConfigs = '**/{node_modules,.otb}/**';
/** More configs than this are found by typing their name in the explorer. */
const mostConfigs = 200;
/** Milliseconds that a save which is under way may take. */
const saveLimitMs = 5000;

interface ConfigItem extends QuickPickItem {
  readonly config: Uri;
}

interface NewConfigItem extends QuickPickItem {
  readonly isNew: true;
}

const newConfig: NewConfigItem = {
  label: '$(new-file) New run config…',
  detail: 'For your own training: verl, TRL, any command, Ray',
  isNew: true,
};

/** Finds out which configs a command is about. */
export class ConfigChoice {
  constructor(private readonly newConfigs: NewConfigs) {}

  /** Those that the command was called on, else the one that is being edited, or that the user picks. */
  async choose(args: readonly unknown[]): Promise<readonly Uri[]> {
    const said = configsAmong(args);
    if (said.length > 0) return said;
    const config = this.active() ?? (await this.pick());
    return config ? [config] : [];
  }

  private active(): Uri | undefined {
    const document = window.activeTextEditor?.document;
    return document && isConfig(document) ? document.uri : undefined;
  }

  private async pick(): Promise<Uri | undefined> {
    const configs = await workspace.findFiles(configFiles, noConfigs, mostConfigs);
    const labelled = configs.map((config): ConfigItem => ({ label: workspace.asRelativePath(config), config }));
    const found = labelled.sort((a, b) => a.label.localeCompare(b.label));
    const heading = (label: string): QuickPickItem => ({ label, kind: QuickPickItemKind.Separator });
    const items: readonly (QuickPickItem | ConfigItem | NewConfigItem | PresetItem)[] = [
      ...(found.length > 0 ? [heading('in this workspace'), ...found] : []),
      newConfig,
      heading('presets, copied into the workspace'),
      ...(await this.newConfigs.presetItems()),
    ];
    const picked = await window.showQuickPick(items, {
      title: 'Start OTB run',
      placeHolder: 'Choose a config or a preset',
      matchOnDetail: true,
    });
    if (picked === undefined) return undefined;
    if ('config' in picked) return picked.config;
    if ('isNew' in picked) {
      // It is to be looked over before it starts anything.
      await this.newConfigs.create(undefined);
      return undefined;
    }
    return 'preset' in picked ? this.newConfigs.createFrom(picked.preset) : undefined;
  }
}

/** The explorer gives the file that was clicked and all that are selected, whatever they are. */
function configsAmong([clicked, selected]: readonly unknown[]): readonly Uri[] {
  const isUri = (value: unknown): value is Uri => value instanceof Uri;
  const several = Array.isArray(selected) ? selected.filter(isUri).filter((uri) => uri.path.endsWith(configEnding)) : [];
  return several.length > 0 ? several : [clicked].filter(isUri);
}

/** The file of a config after unsaved changes, if any, were written; undefined where they cannot be, or the user kept them from being. */
export async function saved(config: Uri): Promise<Uri | undefined> {
  const document = workspace.textDocuments.find(({ uri }) => uri.toString() === config.toString());
  if (!document?.isDirty || (await document.save()) || (await isSavedSoon(document))) return config;
  void window.showErrorMessage(`${workspace.asRelativePath(config)} cannot be saved, so its runs were not started.`);
  return undefined;
}

/** While VS Code is saving by itself, it answers a request to save with no, and is done a moment later. */
function isSavedSoon(document: TextDocument): Promise<boolean> {
  if (!document.isDirty) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(limit);
      saving.dispose();
      resolve(!document.isDirty);
    };
    const limit = setTimeout(end, saveLimitMs);
    const saving = workspace.onDidSaveTextDocument((saved) => saved === document && end());
  });
}
