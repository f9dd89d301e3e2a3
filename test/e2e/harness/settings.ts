/** User settings of every test: nothing pops up, nothing phones home, nothing differs between two runs of a test. */
const quiet: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'git.openRepositoryInParentFolders': 'never',
  // It would list the open files of all processes every two seconds.
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.showReleaseNotes': false,
  'window.confirmBeforeClose': 'never',
  'workbench.editor.enablePreview': false,
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

type Theme = 'Dark Modern' | 'Light Modern' | 'Dark High Contrast' | 'Light High Contrast';

/** Ids of the themes, as settings name them. */
const themeIds: Readonly<Record<Theme, string>> = {
  'Dark Modern': 'Default Dark Modern',
  'Light Modern': 'Default Light Modern',
  'Dark High Contrast': 'Default High Contrast',
  'Light High Contrast': 'Default High Contrast Light',
};

export interface UserSettings {
  readonly theme?: Theme;
  /** Leaves workspace trust switched on, so that a window starts restricted and asks. */
  readonly workspaceTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export function settingsJson({ theme = 'Dark Modern', workspaceTrust = false, settings = {} }: UserSettings): string {
  const trust = workspaceTrust ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' } : {};
  return JSON.stringify({ ...quiet, 'workbench.colorTheme': themeIds[theme], ...trust, ...settings }, null, 2);
}
