import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { comparablePower } from '../../src/core/lens/noise.ts';
import type { EstimatorNoise, NoiseReport } from '../../src/core/lens/noise.ts';
import { counted, quantityText } from '../../src/core/notation.ts';
import { Choice } from '../controls/choice.ts';
import { html, setText, setVisible } from '../dom.ts';
import { NoiseProfile } from './noiseProfile.ts';
import { noiseTable } from './noiseTable.ts';

/** Value of the chooser for all trajectories of the step; a group has its number. */
const everyGroup = 'all';

/** How noisy the gradient of a step would have been under every estimator, of all its trajectories or of those of one prompt. */
export class NoiseView {
  readonly element = html('section', { class: 'noise', 'aria-label': 'Noise under every baseline' });
  private readonly nothing = html('p', { class: 'noise-nothing', role: 'status', hidden: true });
  private readonly summary = html('p', { class: 'noise-summary', 'aria-live': 'polite' });
  private readonly chooser = new Choice('noise-group', {
    label: 'Trajectories',
    title: 'Of which trajectories the noise is shown',
    onChange: (group) => {
      this.group = group;
      this.draw();
    },
  });
  private readonly rows = html('div', { class: 'noise-table', role: 'region', 'aria-label': 'Noise by estimator', tabindex: 0 });
  private readonly profile = new NoiseProfile();
  private readonly remarks = html('ul', { class: 'noise-remarks', 'aria-label': 'Remarks' });
  private readonly content = html(
    'div',
    { class: 'noise-content', hidden: true },
    html('div', { class: 'noise-head' }, this.summary, this.chooser.element),
    this.rows,
    this.profile.element,
    this.remarks,
  );
  private report: NoiseReport | null = null;
  private group = everyGroup;
  /** What is drawn along the tokens; null: as long as nobody has chosen, the one in use and the least noisy. */
  private chosen: ReadonlySet<EstimatorName> | null = null;

  constructor() {
    this.element.append(this.nothing, this.content);
  }

  /** A text: why there is nothing to show. */
  show(report: NoiseReport | string): void {
    const isText = typeof report === 'string';
    this.report = isText ? null : report;
    setText(this.nothing, isText ? report : '');
    setVisible(this.nothing, isText);
    setVisible(this.content, !isText);
    if (!isText) this.draw();
  }

  private draw(): void {
    const { report } = this;
    if (report === null) return;
    const found = report.groups.find(({ group }) => keyOf(group) === this.group);
    if (found === undefined) this.group = everyGroup;
    const options: Record<string, string> = { [everyGroup]: `All ${report.trajectories}` };
    for (const { group, trajectories } of report.groups) options[keyOf(group)] = `Group ${group} (${trajectories})`;
    this.chooser.update(options, this.group);
    const noise = found?.noise ?? report.all;
    const sorted = [...noise].sort((a, b) => comparablePower(a) - comparablePower(b));
    const chosen = this.chosen ?? new Set([report.inUse, sorted[0]?.estimator].flatMap((name) => name ?? []));
    setText(this.summary, summaryText(sorted, report.inUse, found?.trajectories ?? report.trajectories));
    const toggle = (name: EstimatorName): void => {
      const next = new Set(chosen);
      if (!next.delete(name)) next.add(name);
      this.chosen = next;
      this.draw();
      this.rows.querySelector<HTMLElement>(`[data-estimator="${name}"] button`)?.focus();
    };
    this.rows.replaceChildren(noiseTable(sorted, report.inUse, chosen, toggle));
    this.profile.show(
      noise.filter(({ estimator }) => chosen.has(estimator)),
      report.ends,
    );
    this.remarks.replaceChildren(...report.remarks.map((remark) => html('li', {}, remark)));
  }
}

/** Value of the chooser for a group: keys of options that are whole numbers would come before all others. */
function keyOf(group: number): string {
  return `group-${group}`;
}

function summaryText(sorted: readonly EstimatorNoise[], inUse: EstimatorName | null, count: number): string {
  const on = `On ${count === 1 ? 'this trajectory' : `these ${counted(count, 'trajectory', 'trajectories')}`}`;
  const [least] = sorted;
  if (least === undefined || inUse === null || least.ratio === null) return `${on}: the least noisy estimator comes first.`;
  if (least.estimator === inUse) return `${on} no estimator would have been less noisy than ${inUse}, the one in use.`;
  return `${on} ${least.estimator} would have been the least noisy, with ${quantityText(least.ratio)} times the power of ${inUse}, the one in use.`;
}
