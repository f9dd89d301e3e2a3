import { QuickPickItemKind, Uri, window, workspace } from 'vscode';
import type { QuickPickItem, TextDocument } from 'vscode';
import { configEnding } from '../../core/config/config.ts';
import { copyPreset, readPresets } from '../../runs/launcher/presets.ts';
import type { Preset } from '../../runs/launcher/presets.ts';
import { isConfig } from '../inline/configSelector.ts';
import { completeStep } from '../walkthrough.ts';
import { chooseFolder } from './workspaceFolders.ts';

const configFiles = `**/*${configEnding}`;
const noConfigs = '**/{node_modules,.otb}/**';
/** More configs than this are found by typing their name in the explorer. */
const mostConfigs = 200;
/** Milliseconds that a save which is under way may take. */
const saveLimitMs = 5000;

interface ConfigItem extends QuickPickItem {
  readonly config: Uri;
}

interface PresetItem extends QuickPickItem {
  readonly preset: Preset;
}

/** Finds out which configs a command is about, and makes new ones. */
export class ConfigChoice {
  constructor(private readonly presetFolder: string) {}

  /** Those that the command was called on, else the one that is being edited, or that the user picks. */
  async choose(args: readonly unknown[]): Promise<readonly Uri[]> {
    const said = configsAmong(args);
    if (said.length > 0) return said;
    const config = this.active() ?? (await this.pick());
    return config ? [config] : [];
  }

  /** Lets the user pick a preset, copies it into the workspace and opens it. */
  async create(): Promise<Uri | undefined> {
    const presets = await this.presetItems();
    const picked = await window.showQuickPick(presets, {
      title: 'New config from a preset',
      placeHolder: 'Choose a preset',
      matchOnDetail: true,
    });
    return picked && this.createFrom(picked.preset);
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
    const items: readonly (QuickPickItem | ConfigItem | PresetItem)[] = [
      ...(found.length > 0 ? [heading('in this workspace'), ...found] : []),
      heading('presets, copied into the workspace'),
      ...(await this.presetItems()),
    ];
    const picked = await window.showQuickPick(items, {
      title: 'Start OTB run',
      placeHolder: 'Choose a config or a preset',
      matchOnDetail: true,
    });
    if (picked === undefined) return undefined;
    if ('config' in picked) return picked.config;
    return 'preset' in picked ? this.createFrom(picked.preset) : undefined;
  }

  private async presetItems(): Promise<readonly PresetItem[]> {
    return (await readPresets(this.presetFolder)).map((preset) => ({ label: preset.name, detail: preset.description, preset }));
  }

  private async createFrom(preset: Preset): Promise<Uri | undefined> {
    const folder = await chooseFolder();
    if (folder === undefined) return undefined;
    const config = Uri.file(await copyPreset(preset, folder.uri.fsPath));
    await window.showTextDocument(config);
    completeStep('config');
    return config;
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
