import { integerText } from '../../src/core/notation.ts';
import { Choice } from '../controls/choice.ts';
import { html, setVisible } from '../dom.ts';
import type { ListFilter } from './lensLook.ts';
import type { LensState } from './lensState.ts';

const lengths = { any: 'Any end', yes: 'Truncated', no: 'Not truncated' } as const;

/** Which trajectories the list shows. */
export class FilterBar {
  private readonly least: HTMLInputElement;
  private readonly most: HTMLInputElement;
  private readonly rewards: HTMLElement;
  private readonly groups: Choice;
  private readonly ends: Choice;
  private readonly clear = html('button', { type: 'button', class: 'link' }, 'Clear');
  readonly element: HTMLElement;
  private filter: ListFilter | null = null;

  /** `counted`: how many there are. */
  constructor(change: (filter: Partial<ListFilter>) => void, counted: HTMLElement) {
    const field = (label: string, key: 'least' | 'most'): HTMLInputElement => {
      const input = html('input', {
        type: 'text',
        inputmode: 'decimal',
        class: 'limit',
        'aria-label': label,
        title: label,
        placeholder: key === 'least' ? 'from' : 'to',
      });
      input.addEventListener('input', () => {
        const text = input.value.trim().replace('−', '-').replace(',', '.');
        const value = text === '' ? null : Number(text);
        const isWrong = value !== null && Number.isNaN(value);
        input.setAttribute('aria-invalid', String(isWrong));
        if (!isWrong) change({ [key]: value });
      });
      return input;
    };
    this.least = field('Least reward', 'least');
    this.most = field('Most reward', 'most');
    this.rewards = html('span', { class: 'rewards' }, html('span', {}, 'Reward'), this.least, '–', this.most);
    this.groups = new Choice('group-choice', {
      label: '',
      title: 'Only of one group',
      onChange: (value) => change({ group: value === 'all' ? null : Number(value) }),
    });
    this.ends = new Choice('end-choice', {
      label: '',
      title: 'Only those that were cut off at the longest length, or only the others',
      onChange: (value) => change({ truncated: value as ListFilter['truncated'] }),
    });
    this.clear.addEventListener('click', () => change({ least: null, most: null, group: null, truncated: 'any' }));
    this.element = html('div', { class: 'filter-bar' }, counted, this.rewards, this.groups.element, this.ends.element, this.clear);
  }

  update({ rows, view: { filter } }: LensState): void {
    const groups = [...new Set(rows.map(({ group }) => group))].sort((a, b) => a - b);
    const named = groups.map((group) => [` ${group}`, `Group ${integerText(group)}`] as const);
    if (filter.group !== null && !groups.includes(filter.group)) named.push([` ${filter.group}`, `Group ${integerText(filter.group)}`]);
    this.groups.update(Object.fromEntries([['all', 'All groups'], ...named]), filter.group === null ? 'all' : ` ${filter.group}`);
    this.ends.update(lengths, filter.truncated);
    setVisible(this.rewards, rows.length === 0 || rows.some(({ reward }) => reward !== null));
    setVisible(this.ends.element, rows.length === 0 || rows.some(({ truncated }) => truncated !== null));
    setVisible(this.groups.element, groups.length > 1 || filter.group !== null);
    const isUsed = filter.least !== null || filter.most !== null || filter.group !== null || filter.truncated !== 'any';
    setVisible(this.clear, isUsed);
    if (filter === this.filter) return;
    this.filter = filter;
    for (const [input, value] of [
      [this.least, filter.least],
      [this.most, filter.most],
    ] as const)
      if (document.activeElement !== input) input.value = value === null ? '' : String(value);
  }
}
