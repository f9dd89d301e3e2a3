import { patience, quiet } from '../../core/collapse/options.ts';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseRunEvent, CollapseState, RunEvent } from '../../core/records/events.ts';

/** What the collapse detector of a run's own process has said, as its events tell it. */
export class CollapseHistory {
  private said: CollapseRunEvent[] = [];
  /** A copy for others, which does not change when more is said. */
  private copy: readonly CollapseRunEvent[] | undefined;
  private state: CollapseState = 'healthy';
  /** Step at which the latest surge that became a collapse began; null: there was none. */
  onsetStep: number | null = null;
  /** Step at which that collapse was noticed. */
  detectedStep: number | null = null;

  /** In order of step. */
  get events(): readonly CollapseRunEvent[] {
    return (this.copy ??= [...this.said]);
  }

  /** Takes in the next event. A run that starts again at an earlier step has not done what came after that. */
  add(event: RunEvent): void {
    if (isLifecycleEvent(event)) {
      if (event.type === 'started') this.keep(({ step }) => step <= event.step);
      return;
    }
    this.keep(({ step, type }) => step < event.step || (step === event.step && type !== event.type));
    this.said.push(event);
    this.copy = undefined;
    this.apply(event);
  }

  clear(): void {
    this.keep(() => false);
  }

  /**
   * The state after a step. That a spike or an instability has passed is no event, but both end within a known number of steps
   * unless they become a collapse.
   */
  stateAt(step: number): CollapseState {
    const quietSteps = step - (this.said.at(-1)?.step ?? step);
    const passed = (this.state === 'spike' && quietSteps >= quiet.unstable) || (this.state === 'unstable' && quietSteps > patience);
    if (!passed) return this.state;
    return this.said.some(({ type }) => type === 'recovered') ? 'recovered' : 'healthy';
  }

  /** Forgets the events that are not to be kept; where the last one is, all are. */
  private keep(isKept: (event: CollapseRunEvent) => boolean): void {
    const last = this.said.at(-1);
    if (!last || isKept(last)) return;
    this.said = this.said.filter(isKept);
    this.copy = undefined;
    [this.state, this.onsetStep, this.detectedStep] = ['healthy', null, null];
    for (const event of this.said) this.apply(event);
  }

  private apply({ type, step, onsetStep }: CollapseRunEvent): void {
    if (type !== 'collapse' && type !== 'nan') {
      // A collapse ends by recovery only; a late word about a spike does not end it.
      if (this.state !== 'collapsed' || type === 'recovered') this.state = type;
      return;
    }
    if (this.state !== 'collapsed') [this.onsetStep, this.detectedStep] = [onsetStep, step];
    this.state = 'collapsed';
  }
}
