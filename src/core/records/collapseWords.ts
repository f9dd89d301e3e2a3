import { integerText } from '../notation.ts';
import { isCollapse } from './events.ts';
import type { CollapseEvent, CollapseState } from './events.ts';

/** A run as far as its collapse goes: its state, and what the detector has said so far, in order of step. */
export interface ToldRun {
  readonly collapse: CollapseState;
  readonly events: readonly CollapseEvent[];
}

/** What was said when the run fell silent; undefined where it is not silent now. */
export function silenceCall({ collapse, events }: ToldRun): CollapseEvent | undefined {
  return collapse === 'silent' ? events.findLast(({ type }) => type === 'silent') : undefined;
}

/** "silent since step 120" of a run that is silent now, "silent" where it does not say since when; empty: it is not. */
export function silenceWords(run: ToldRun): string {
  if (run.collapse !== 'silent') return '';
  const call = silenceCall(run);
  return call === undefined ? 'silent' : `silent since step ${integerText(call.onsetStep)}`;
}

/** What is the matter and what to do about it, of a run that is silent now; empty: it is not. */
export function silenceSentences(run: ToldRun): string {
  const { message = '', advice = '' } = silenceCall(run) ?? {};
  return [message, advice].filter((sentence) => sentence !== '').join(' ');
}

/** Surges that a run came to after the collapse that was noticed at a step, until it recovered: they change nothing in its state. */
export function laterSurges<Event extends CollapseEvent>(events: readonly Event[], detectedStep: number | null): readonly Event[] {
  const call = events.findLastIndex((event) => isCollapse(event) && event.step === detectedStep);
  if (call < 0) return [];
  const after = events.slice(call + 1);
  const recovered = after.findIndex(({ type }) => type === 'recovered');
  return (recovered < 0 ? after : after.slice(0, recovered)).filter(({ type }) => type === 'unstable');
}

/** What stands at such a surge in a chart. */
export function surgeLabel({ onsetStep }: Pick<CollapseEvent, 'onsetStep'>): string {
  return `surge ${integerText(onsetStep)}`;
}

/** The same in sentences; empty: there was none. */
export function laterSurgesText(events: readonly CollapseEvent[], detectedStep: number | null): string {
  return laterSurges(events, detectedStep)
    .map(({ step, message }) => `Later, at step ${integerText(step)}: ${message}`)
    .join(' ');
}
