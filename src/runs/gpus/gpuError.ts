/** GPUs that can never be had as a config asks for them. The message says what is wrong and what to do. */
export class GpuError extends Error {
  override readonly name = 'GpuError';

  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem}. ${remedy}`);
  }
}
