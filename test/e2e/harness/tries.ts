/** How often a test is tried at most; OTB_TEST_TRIES=1 makes every failure count. */
const usualTries = Number(process.env['OTB_TEST_TRIES'] ?? 2);

/** A failure that a second try must not hide: our own code has done what it never may. */
export class FinalFailure extends Error {}

/**
 * Tries once more, from nothing, what has failed: on a busy machine VS Code or the browser now and then loses a key, a click or a menu.
 * `report` hears of each failure that is not the test's.
 */
export async function severalTries(attempt: () => Promise<void>, report: (message: string) => void, most = usualTries): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= most || error instanceof FinalFailure) throw error;
      report(`failed, and is tried again: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
