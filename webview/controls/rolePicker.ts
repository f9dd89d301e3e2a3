import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import type { FigureRole } from '../../src/core/panel/rows.ts';
import { Choice } from './choice.ts';

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
  private readonly choice: Choice;

  constructor(private readonly picker: RolePickerOptions) {
    const { label, title, onChange } = picker;
    this.choice = new Choice('role-picker', {
      label,
      title,
      onChange: (picked) => {
        if (picked !== several) onChange(picked.startsWith(prefix) ? picked.slice(prefix.length) : null);
      },
    });
  }

  get element(): HTMLElement {
    return this.choice.element;
  }

  update(runs: readonly PanelRun[]): void {
    const chosen = [...new Set(runs.flatMap(({ chosenKeys }) => chosenKeys?.[this.picker.role] ?? []))];
    const [only] = chosen;
    const value = only === undefined ? automatic : chosen.length > 1 ? several : `${prefix}${only}`;
    const metrics = new Set([...runs.flatMap((run) => run.metrics), ...chosen]);
    const options: Record<string, string> = { [automatic]: 'Automatic' };
    if (value === several) options[several] = 'Several';
    for (const metric of metrics) options[`${prefix}${metric}`] = metric;
    this.choice.update(options, value);
  }
}
