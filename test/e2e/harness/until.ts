/** What a wait may take on a busy machine, in milliseconds. No test asserts how long anything takes. */
export const patience = 60_000;

/** Asks `probe` until it answers with something other than undefined or false; then returns that. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${patience / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
