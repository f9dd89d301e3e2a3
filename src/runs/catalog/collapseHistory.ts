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
  /** Whether the process that writes now tells when a spike or an instability has passed. */
  private tellsSettled = false;
  /** Events of processes that do not. */
  private readonly untold = new WeakSet<CollapseRunEvent>();

  /** In order of step. */
  get events(): readonly CollapseRunEvent[] {
    return (this.copy ??= [...this.said]);
  }

  /** Takes in the next event. A run that starts again at an earlier step has not done what came after that. */
  add(event: RunEvent): void {
    if (isLifecycleEvent(event)) {
      if (event.type !== 'started') return;
      this.tellsSettled = event.data['tellsSettled'] === true;
      this.keep(({ step }) => step <= event.step);
      return;
    }
    this.keep(({ step, type }) => step < event.step || (step === event.step && type !== event.type));
    this.said.push(event);
    if (!this.tellsSettled) this.untold.add(event);
    this.copy = undefined;
    this.apply(event);
  }

  clear(): void {
    this.keep(() => false);
  }

  /** The state after a step. */
  stateAt(step: number): CollapseState {
    const last = this.said.at(-1);
    return last && this.untold.has(last) && hasPassed(this.state, step - last.step) ? this.calmState : this.state;
  }

  private get calmState(): CollapseState {
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

  private apply(event: CollapseRunEvent): void {
    const { type, step, onsetStep } = event;
    // A collapse ends by recovery only; a late word about a spike does not end it.
    const isOpen = this.state !== 'collapsed';
    switch (type) {
      case 'collapse':
      case 'nan':
        if (isOpen) [this.onsetStep, this.detectedStep] = [onsetStep, step];
        this.state = 'collapsed';
        return;
      case 'recovered':
        this.state = 'recovered';
        return;
      case 'spike':
      case 'unstable':
      case 'silent':
        if (isOpen) this.state = type;
        return;
      case 'settled':
        if (isOpen) this.state = this.calmState;
        return;
      case 'plateau':
        return;
    }
  }
}

/** Runs of versions that wrote no event when a spike or an instability had passed: both end within a known number of steps. */
function hasPassed(state: CollapseState, quietSteps: number): boolean {
  return (state === 'spike' && quietSteps >= quiet.unstable) || (state === 'unstable' && quietSteps > patience);
}
