import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import type { FigureRole } from '../../src/core/panel/rows.ts';
import { html } from '../dom.ts';
import { dropdown } from './toolkit.ts';
import type { Control } from './toolkit.ts';

const automatic = 'automatic';
/** The runs have different choices. */
const several = 'several';
/** Keeps the names of metrics apart from those two. */
const prefix = 'metric:';

export interface RolePickerOptions {
  readonly role: FigureRole;
  readonly label: string;
  readonly title: string;
  /** Null: whichever metric is known to be it. */
  readonly onChange: (metric: string | null) => void;
}

/** Which metric of the runs that are shown is the gradient norm, or the score. */
export class RolePicker {
  readonly element = html('div', { class: 'role-picker' });
  private control: Control<string> | null = null;
  private options = '';
  /** What the runs have, as it was last told: what the user chose meanwhile stands until they have it. */
  private told = '';

  constructor(private readonly picker: RolePickerOptions) {}

  update(runs: readonly PanelRun[]): void {
    const chosen = [...new Set(runs.flatMap(({ chosenKeys }) => chosenKeys?.[this.picker.role] ?? []))];
    const [only] = chosen;
    const value = only === undefined ? automatic : chosen.length > 1 ? several : `${prefix}${only}`;
    const metrics = new Set([...runs.flatMap((run) => run.metrics), ...chosen]);
    const options: Record<string, string> = { [automatic]: 'Automatic' };
    if (value === several) options[several] = 'Several';
    for (const metric of metrics) options[`${prefix}${metric}`] = metric;
    const asked = JSON.stringify(options);
    if (asked !== this.options) this.build(options, value);
    else if (value !== this.told) this.control?.set(value);
    [this.options, this.told] = [asked, value];
  }

  /** Anew, because the list that is there does not take other options. */
  private build(options: Readonly<Record<string, string>>, value: string): void {
    const { label, title, onChange } = this.picker;
    const hadFocus = this.element.contains(document.activeElement);
    this.control = dropdown<string>({
      label,
      title,
      options,
      value,
      onChange: (picked) => {
        if (picked !== several) onChange(picked.startsWith(prefix) ? picked.slice(prefix.length) : null);
      },
    });
    this.element.replaceChildren(this.control.element);
    if (hadFocus) this.element.querySelector<HTMLElement>('vscode-dropdown')?.focus();
  }
}
