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
