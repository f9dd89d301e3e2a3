import type { PanelGpu } from '../gpus/panelGpu.ts';
import type { PanelRun } from './panelRun.ts';
import type { FigureRole, Rows } from './rows.ts';
import type { PanelShare } from './share.ts';
import type { LinkedView, PanelSubject, ViewChoices } from './view.ts';

/** What the extension says to a run panel. Sent only while the panel is visible. */
export type HostMessage =
  /** First answer to `ready`: forget what was there. */
  | {
      readonly type: 'open';
      readonly title: string;
      readonly subject: PanelSubject;
      readonly link: string | null;
      readonly settings: PanelSettings;
    }
  /** All runs of the panel, in the order of the legend, with those that are still to begin; one that is missing is gone. `references`: runs of another column of a comparison that its own are compared with. */
  | { readonly type: 'runs'; readonly runs: readonly PanelRun[]; readonly references?: readonly PanelRun[] }
  /** Of a long run: a sample of its rows, drawn until all of them have arrived. No rows: forget the sample, the run has begun anew. */
  | { readonly type: 'overview'; readonly run: string; readonly rows: Rows }
  /** Metrics of one run: everything at first, then what is new. */
  | { readonly type: 'rows'; readonly run: string; readonly rows: Rows }
  /** What a linked panel looks at. */
  | { readonly type: 'link'; readonly view: LinkedView }
  /** What all the other panels of the comparison that can be seen need together. */
  | { readonly type: 'share'; readonly share: PanelShare }
  | { readonly type: 'settings'; readonly settings: PanelSettings }
  /** What the GPUs of this machine do, every few seconds while a run goes on that may use them; none: they are not told of any more. */
  | { readonly type: 'gpus'; readonly gpus: readonly PanelGpu[] };

export interface PanelSettings {
  /** Whether the onset of a collapse is drawn. */
  readonly onsets: boolean;
  /** How a new panel looks at its runs by the settings; left out: as it is built. */
  readonly defaults?: ViewChoices;
  /** What was chosen in panels of this workspace, which goes before; left out: nothing. */
  readonly chosen?: ViewChoices;
}

/** What a run panel says to the extension. */
export type PanelMessage =
  /** The panel has no data: on its first load, and whenever VS Code has loaded it again. */
  | { readonly type: 'ready' }
  /** Columns that the panel shows; the extension sends these and no others. */
  | { readonly type: 'columns'; readonly columns: readonly string[] }
  | { readonly type: 'link'; readonly view: LinkedView }
  /** What this panel of a comparison needs. */
  | { readonly type: 'share'; readonly share: PanelShare }
  /** What somebody chose, for the panels that are opened next; null: all that was chosen is forgotten. */
  | { readonly type: 'choices'; readonly choices: ViewChoices | null }
  | { readonly type: 'action'; readonly action: PanelAction; readonly runs: readonly string[] }
  /** Somebody decided which metric of the runs is the gradient norm, or the score. Null: whichever is known to be. */
  | { readonly type: 'metricKey'; readonly role: FigureRole; readonly metric: string | null; readonly runs: readonly string[] }
  /** Something is to be noted about a step; the extension asks what. */
  | { readonly type: 'note'; readonly place: StepPlace }
  /** A picture, drawn by the panel, to be saved where the user says. CSV comes from the extension, which has all the data. */
  | { readonly type: 'export'; readonly format: 'png'; readonly content: Uint8Array }
  | { readonly type: 'export'; readonly format: 'svg'; readonly content: string }
  | { readonly type: 'export'; readonly format: 'csv'; readonly runs: readonly string[] }
  /** Something went wrong in the panel; goes to the log. */
  | { readonly type: 'error'; readonly message: string };

/** A step, and the runs that it is one of. */
export interface StepPlace {
  readonly step: number;
  readonly runs: readonly string[];
}

export type PanelAction = (typeof panelActions)[number];

/** What a panel can ask for; each is a command of the extension on the given runs. */
export const panelActions = ['stop', 'resume', 'branch', 'compare', 'diffConfigs', 'openLog', 'openErrors', 'openConfig', 'label'] as const;
