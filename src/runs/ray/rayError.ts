/**
 * What went wrong between us and a Ray cluster:
 * - `address`: what is written as the address is none of a dashboard;
 * - `away`: nothing answers there, which may pass;
 * - `stranger`: something answers that is no Ray head;
 * - `unauthorized`: the cluster wants a token, or another one;
 * - `busy`: the cluster cannot take jobs yet;
 * - `exists`: there is a job of that id already;
 * - `missing`: there is no job of that id;
 * - `refused`: anything else that the cluster does not do.
 */
export type RayProblem = 'address' | 'away' | 'stranger' | 'unauthorized' | 'busy' | 'exists' | 'missing' | 'refused';

/** A request to a Ray cluster that failed. The message says why and what to do, and holds no secret. */
export class RayError extends Error {
  override readonly name = 'RayError';

  constructor(
    readonly problem: RayProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an action resolves to, or the RayError with which it failed. */
export async function orRayError<T>(action: () => Promise<T>): Promise<T | RayError> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof RayError) return error;
    throw error;
  }
}
