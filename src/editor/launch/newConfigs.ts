import path from 'node:path';
import { QuickPickItemKind, Uri, window } from 'vscode';
import type { QuickPickItem, WorkspaceFolder } from 'vscode';
import type { TrainingScript } from '../../core/config/trainingScript.ts';
import { findGpus } from '../../runs/gpus/findGpus.ts';
import { configKinds, configNameFor, newConfigText } from '../../runs/launcher/frameworkPresets.ts';
import type { ConfigKind } from '../../runs/launcher/frameworkPresets.ts';
import { copyPreset, readPresets, writeConfig } from '../../runs/launcher/presets.ts';
import type { Preset } from '../../runs/launcher/presets.ts';
import { findScripts, readScript, scriptsFor } from '../../runs/launcher/scriptSearch.ts';
import { completeStep } from '../walkthrough.ts';
import { chooseFolder } from './workspaceFolders.ts';

type Kind = 'builtin' | ConfigKind;

const kinds: Readonly<Record<Kind, { readonly label: string; readonly detail: string }>> = {
  builtin: { label: 'Built-in trainer', detail: 'A small policy, trained on this machine in minutes, without Python' },
  verl: { label: 'verl', detail: 'A script that starts verl.trainer.main_ppo' },
  trl: { label: 'TRL', detail: 'A language model, without a script; or a script with GRPOTrainer or RLOOTrainer' },
  command: { label: 'Own command', detail: 'Any other script or program on this machine' },
  ray: { label: 'Ray', detail: 'The same as a job of a Ray cluster' },
};

interface KindItem extends QuickPickItem {
  readonly kindOfConfig: Kind;
}

export interface PresetItem extends QuickPickItem {
  readonly preset: Preset;
}

interface ScriptItem extends QuickPickItem {
  /** Undefined: the user looks for it. */
  readonly script: TrainingScript | undefined;
}

/** Writes new configs into the workspace, and opens them. */
export class NewConfigs {
  constructor(private readonly presetFolder: string) {}

  /** Asks what the config is for, unless `asked` says it. Undefined: the user changed their mind. */
  async create(asked: unknown): Promise<Uri | undefined> {
    const kind = isKind(asked) ? asked : await pickKind();
    if (kind === undefined) return undefined;
    return kind === 'builtin' ? this.pickPreset() : this.createOf(kind);
  }

  async presetItems(): Promise<readonly PresetItem[]> {
    return (await readPresets(this.presetFolder)).map((preset) => ({ label: preset.name, detail: preset.description, preset }));
  }

  async createFrom(preset: Preset): Promise<Uri | undefined> {
    const folder = await chooseFolder();
    return folder && opened(await copyPreset(preset, folder.uri.fsPath));
  }

  private async pickPreset(): Promise<Uri | undefined> {
    const presets = (await this.presetItems()).filter(({ preset }) => preset.trainer === 'builtin');
    const picked = await window.showQuickPick(presets, { title: 'New run config', placeHolder: 'Choose a preset', matchOnDetail: true });
    return picked && this.createFrom(picked.preset);
  }

  /** For a script of the user's or, where a kind has some, from a preset that needs none. */
  private async createOf(kind: ConfigKind): Promise<Uri | undefined> {
    const folder = await chooseFolder();
    if (!folder) return undefined;
    const presets = (await this.presetItems()).filter(({ preset }) => preset.trainer === kind);
    const picked = await pickScript(kind, folder, presets);
    if (picked === undefined) return undefined;
    return 'preset' in picked ? opened(await copyPreset(picked.preset, folder.uri.fsPath)) : createForScript(kind, picked, folder);
  }
}

function isKind(value: unknown): value is Kind {
  return typeof value === 'string' && value in kinds;
}

async function pickKind(): Promise<Kind | undefined> {
  const items = (['builtin', ...configKinds] as const).map((kind): KindItem => ({ ...kinds[kind], kindOfConfig: kind }));
  const picked = await window.showQuickPick(items, {
    title: 'New run config',
    placeHolder: 'What does it train with?',
    matchOnDetail: true,
  });
  return picked?.kindOfConfig;
}

async function createForScript(kind: ConfigKind, script: TrainingScript, folder: WorkspaceFolder): Promise<Uri> {
  const survey = await findGpus();
  const text = newConfigText({ kind, script, gpus: survey.kind === 'found' ? survey.gpus.length : 0 });
  const config = await opened(await writeConfig(text, configNameFor(script.file), folder.uri.fsPath));
  completeStep('own');
  return config;
}

async function pickScript(
  kind: ConfigKind,
  folder: WorkspaceFolder,
  presets: readonly PresetItem[],
): Promise<TrainingScript | PresetItem | undefined> {
  const items = findScripts(folder.uri.fsPath).then((scripts) => scriptItems(kind, scripts, presets));
  const placeHolder = `Choose the script that starts the training${presets.length > 0 ? ', or a preset' : ''}`;
  const picked = await window.showQuickPick<ScriptItem | PresetItem>(items, {
    title: 'New run config',
    placeHolder,
    matchOnDescription: true,
  });
  if (picked === undefined || 'preset' in picked) return picked;
  return picked.script ?? browse(folder);
}

function heading(label: string): ScriptItem {
  return { label, kind: QuickPickItemKind.Separator, script: undefined };
}

/** Those that are known to be of the kind first, then what needs none, then the others, then one that is somewhere else. */
function scriptItems(
  kind: ConfigKind,
  scripts: readonly TrainingScript[],
  presets: readonly PresetItem[],
): readonly (ScriptItem | PresetItem)[] {
  const item = (script: TrainingScript): ScriptItem => ({
    label: script.file,
    ...(script.framework !== null && { description: kinds[script.framework].label }),
    script,
  });
  const likely = kind === 'verl' || kind === 'trl' ? scriptsFor(kind, scripts) : scripts.filter(({ framework }) => framework !== null);
  const others = scripts.filter((script) => !likely.includes(script));
  return [
    ...likely.map(item),
    ...(presets.length > 0 ? [heading('without a script'), ...presets] : []),
    ...(others.length > 0 ? [heading(likely.length > 0 ? 'other scripts' : 'scripts'), ...others.map(item)] : []),
    heading('elsewhere'),
    { label: '$(folder-opened) Browse…', alwaysShow: true, script: undefined },
  ];
}

async function browse(folder: WorkspaceFolder): Promise<TrainingScript | undefined> {
  const filters = { Scripts: ['sh', 'bash', 'py'] };
  const [chosen] = (await window.showOpenDialog({ defaultUri: folder.uri, filters, openLabel: 'Choose script' })) ?? [];
  if (!chosen) return undefined;
  const script = await readScript(folder.uri.fsPath, chosen.fsPath);
  if (!script)
    void window.showErrorMessage(
      `${path.basename(chosen.fsPath)} is no shell or Python script. For another program, change "command" in a config.`,
    );
  return script;
}

async function opened(file: string): Promise<Uri> {
  const config = Uri.file(file);
  await window.showTextDocument(config);
  completeStep('config');
  return config;
}
