import type { PanelAction } from '../src/core/panel/messages.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { button } from './controls/toolkit.ts';
import { setAttribute } from './dom.ts';

export type Act = (action: PanelAction, run: string) => void;

/** A button that does something with a run; a screen reader hears with which. */
export function runAction(act: Act, action: PanelAction, text: string, { id, label }: Pick<PanelRun, 'id' | 'label'>): HTMLElement {
  const control = button({ label: text, appearance: 'secondary', onClick: () => act(action, id) });
  setAttribute(control, 'aria-label', `${text}: ${label}`);
  return control;
}
