import { isObject, parse, parseNumber, setOwn, stringify } from './json.ts';

/** One line of `events.jsonl`. `time` in seconds since 1970; `step` is the last finished step, 0 before the first. */
export type RunEvent = LifecycleEvent | CollapseRunEvent;

export interface LifecycleEvent {
  readonly type: 'started' | 'checkpoint' | 'branched' | 'stop-requested' | 'finished' | 'failed';
  readonly step: number;
  readonly time: number;
  /** Numbers and words behind it; a `started` event carries `pid` and `processStartTime`. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** A collapse event as the trainer wrote it, with the time at which it did. */
export type CollapseRunEvent = CollapseEvent & { readonly time: number };

/** What the collapse detector says, in the words that every surface shows. */
export interface CollapseEvent {
  readonly type: 'spike' | 'unstable' | 'collapse' | 'recovered' | 'nan';
  /** Step at which the detector noticed. */
  readonly step: number;
  /** Step at which the surge began; never after `step`. */
  readonly onsetStep: number;
  /** The rule that fired, as a sentence with its numbers. */
  readonly message: string;
  /** What the user can do about it, as a sentence. */
  readonly advice: string;
  /** The numbers behind the sentence, by name. */
  readonly data: Readonly<Record<string, number>>;
}

export type CollapseState = 'healthy' | 'spike' | 'unstable' | 'collapsed' | 'recovered';

const lifecycleTypes: ReadonlySet<string> = new Set([
  'started',
  'checkpoint',
  'branched',
  'stop-requested',
  'finished',
  'failed',
] satisfies LifecycleEvent['type'][]);
const collapseTypes: ReadonlySet<string> = new Set(['spike', 'unstable', 'collapse', 'recovered', 'nan'] satisfies CollapseEvent['type'][]);

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
  if (typeof type !== 'string' || typeof step !== 'number' || !Number.isFinite(step) || typeof time !== 'number') return undefined;
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
    onsetStep: typeof onsetStep === 'number' ? onsetStep : step,
    message: typeof message === 'string' ? message : '',
    advice: typeof advice === 'string' ? advice : '',
    data: numbers,
  };
}
