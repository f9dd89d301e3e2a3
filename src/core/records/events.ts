import { isObject, parse, parseNumber, setOwn, stringify } from './json.ts';

/** One line of `events.jsonl`. `time` in seconds since 1970; `step` is the last finished step, 0 before the first. */
export type RunEvent = LifecycleEvent | CollapseRunEvent;

export interface LifecycleEvent {
  readonly type: 'started' | 'checkpoint' | 'branched' | 'stop-requested' | 'finished' | 'failed' | 'notice' | 'note';
  readonly step: number;
  readonly time: number;
  /**
   * Numbers and words behind it. A `started` event carries `pid` and `processStartTime`, and `tellsSettled`: true where the process
   * logs a `settled` event when a spike or an instability has passed. A `notice` carries `message`, what there is to know while the run goes
   * on, as a sentence; empty: nothing any more. A `note` carries `text`, what somebody noted about the step; empty: nothing any more.
   */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** A collapse event as the trainer wrote it, with the time at which it did. */
export type CollapseRunEvent = CollapseEvent & { readonly time: number };

/**
 * What the collapse detector says of a run.
 * - `spike`: one gradient norm is far above the usual.
 * - `unstable`: the gradient norm stays high, or the score begins to fall; of a collapsed run, whose state stays, a surge that comes later.
 * - `settled`: a spike, an instability or a silence has passed; `onsetStep` is where that began.
 * - `plateau`: the gradient norm is the same step after step, as if logged after clipping. Changes no state.
 * - `silent`: the gradient norm is 0 for longer than can be chance, from the beginning or from some step on.
 * - `collapse`, `recovered`: the run has collapsed, and come back.
 * - `nan`: the gradient norm or the score is no finite number any more; counts as a collapse.
 */
export const collapseEventTypes = ['spike', 'unstable', 'settled', 'plateau', 'silent', 'collapse', 'recovered', 'nan'] as const;

/** What the collapse detector says, in the words that every surface shows. */
export interface CollapseEvent {
  readonly type: (typeof collapseEventTypes)[number];
  /** Step at which the detector noticed. */
  readonly step: number;
  /** Step at which what the event is about began; never after `step`. */
  readonly onsetStep: number;
  /** The rule that fired, as a sentence with its numbers. */
  readonly message: string;
  /** What the user can do about it, as a sentence; empty where there is nothing to do. */
  readonly advice: string;
  /** The numbers behind the sentence, by name. */
  readonly data: Readonly<Record<string, number>>;
}

/**
 * How a run stands. `unknown`: it logs nothing that tells; `silent`: its gradient norm is 0, which any run may come to but one that has
 * collapsed. The others are stages: healthy → spike → unstable → collapsed → recovered.
 */
export const collapseStates = ['unknown', 'silent', 'healthy', 'spike', 'unstable', 'collapsed', 'recovered'] as const;
export type CollapseState = (typeof collapseStates)[number];

/** Whether an event says that the run has collapsed. */
export function isCollapse({ type }: Pick<CollapseEvent, 'type'>): boolean {
  return type === 'collapse' || type === 'nan';
}

/** The event that called the collapse that was noticed at a step; a run that recovered may have collapsed before. */
export function collapseCall<Event extends CollapseEvent>(events: readonly Event[], detectedStep: number | null): Event | undefined {
  return events.findLast((event) => isCollapse(event) && event.step === detectedStep);
}

/** Whether the gradient norm had surged when an event was logged: clipping is of use against nothing else. */
export function hasSurge({ data }: Pick<CollapseEvent, 'data'>): boolean {
  return (data['surge'] ?? 0) > 0;
}

const lifecycleTypes: ReadonlySet<string> = new Set([
  'started',
  'checkpoint',
  'branched',
  'stop-requested',
  'finished',
  'failed',
  'notice',
  'note',
] satisfies LifecycleEvent['type'][]);
const collapseTypes: ReadonlySet<string> = new Set(collapseEventTypes);

export function isLifecycleEvent(event: RunEvent): event is LifecycleEvent {
  return lifecycleTypes.has(event.type);
}

/** One line of `events.jsonl`, without the newline. */
export function formatEvent(event: RunEvent): string {
  return stringify(event);
}

/** Reads one line of `events.jsonl`. Returns undefined for anything that is no event, also of a type that is not known here. */
export function parseEvent(line: string): RunEvent | undefined {
  const value = parse(line);
  if (!isObject(value)) return undefined;
  const { type, step, time } = value;
  const data = isObject(value['data']) ? value['data'] : {};
  if (typeof type !== 'string' || !isFiniteNumber(step) || !isFiniteNumber(time)) return undefined;
  if (lifecycleTypes.has(type)) {
    const details = Object.entries(data).filter(([, entry]) => entry === null || ['string', 'number', 'boolean'].includes(typeof entry));
    return { type: type as LifecycleEvent['type'], step, time, data: Object.fromEntries(details) as LifecycleEvent['data'] };
  }
  if (!collapseTypes.has(type)) return undefined;
  const { onsetStep, message, advice } = value;
  const numbers: Record<string, number> = {};
  for (const [key, entry] of Object.entries(data)) {
    const number = parseNumber(entry);
    if (number !== undefined) setOwn(numbers, key, number);
  }
  return {
    type: type as CollapseEvent['type'],
    step,
    time,
    onsetStep: isFiniteNumber(onsetStep) ? onsetStep : step,
    message: typeof message === 'string' ? message : '',
    advice: typeof advice === 'string' ? advice : '',
    data: numbers,
  };
}

/** JSON can say 1e999, which is infinite. */
function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
