import { ConfigurationTarget, EventEmitter, workspace } from 'vscode';
import { isSensitivity } from '../core/collapse/sensitivity.ts';
import type { Sensitivity } from '../core/collapse/sensitivity.ts';
import { Disposables } from './disposable.ts';

/** The extension's settings, by their names in package.json without the `otb.` in front. */
export interface SettingValues {
  readonly 'collapse.sensitivity': Sensitivity;
  readonly 'collapse.notification': boolean;
  readonly 'collapse.diagnostic': boolean;
  readonly 'collapse.badge': boolean;
  readonly 'collapse.treeIcon': boolean;
  readonly 'collapse.onsetLine': boolean;
  readonly 'inline.lens': boolean;
  readonly 'inline.afterText': boolean;
  readonly 'inline.hover': boolean;
  readonly 'inline.quickFixes': boolean;
  readonly statusBar: boolean;
  readonly 'runs.folders': readonly string[];
  readonly 'panel.xAxis': string;
  readonly 'panel.normScale': string;
  readonly 'panel.smoothing': number;
  readonly 'panel.ignoreOutliers': boolean;
  readonly 'panel.meanAndBand': boolean;
  readonly 'panel.metrics': readonly string[];
  readonly 'panel.columns': Readonly<Record<string, boolean>>;
  readonly 'panel.layout': string;
  readonly 'python.path': string;
  readonly 'launch.openPanel': boolean;
  readonly 'launch.engine': string;
  readonly 'launch.parallel': number;
  readonly 'launch.threads': number;
}

/** The one place where settings are read. */
export class Settings extends Disposables {
  private readonly changed = this.register(new EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  /** As they are now: every row of the runs view asks at every step, and VS Code copies all its settings for an answer. */
  private readonly known = new Map<keyof SettingValues, SettingValues[keyof SettingValues]>();

  constructor() {
    super();
    this.register(
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('otb')) return;
        this.known.clear();
        this.changed.fire();
      }),
    );
  }

  get<K extends keyof SettingValues>(name: K): SettingValues[K] {
    const known = this.known.get(name) ?? this.read(name);
    this.known.set(name, known);
    return known as SettingValues[K];
  }

  /** The default stands in for a value of the wrong type, or for a word that is no level, which VS Code itself points out in the settings file. */
  private read<K extends keyof SettingValues>(name: K): SettingValues[K] {
    const values = workspace.getConfiguration('otb');
    const value: unknown = values.get(name);
    const fallback: unknown = values.inspect(name)?.defaultValue;
    const isFit = name === 'collapse.sensitivity' ? isSensitivity(value) : hasTypeOf(value, fallback);
    return (isFit ? value : fallback) as SettingValues[K];
  }

  /** Sets a value for all workspaces of the user. */
  async setForUser<K extends keyof SettingValues>(name: K, value: SettingValues[K]): Promise<void> {
    await workspace.getConfiguration('otb').update(name, value, ConfigurationTarget.Global);
  }
}

function hasTypeOf(value: unknown, example: unknown): boolean {
  if (Array.isArray(example)) return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  return typeof value === typeof example;
}
