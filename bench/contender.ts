/** What a batch costs and how steep it is, before anything is updated. */
export interface Agreement {
  /** −mean over tokens of advantage · log π. */
  readonly loss: number;
  /** Global norm of its gradient. */
  readonly gradNorm: number;
}

/** A training engine under measurement. All times in seconds. */
export interface Contender {
  /** Name and version. */
  readonly name: string;
  /** What a reader of its numbers must know. */
  readonly remark?: string;
  /** Loss and gradient norm of the fixed batch under the parameters that all contenders start from. */
  agreement(): Promise<Agreement>;
  /** Samples a batch. */
  sample(): Promise<number>;
  /** Forward, backward and Adam on the fixed batch. */
  update(): Promise<number>;
  /** Samples a batch and updates on it. */
  step(): Promise<number>;
  close(): Promise<void>;
}
