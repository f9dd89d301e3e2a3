import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Session } from './session.ts';
import type { SessionWindow } from './session.ts';
import { patience } from './until.ts';
import type { Window } from './window.ts';
import type { WorkspaceContent } from './workspace.ts';

export interface WindowOptions extends WorkspaceContent, SessionWindow {
  /** Opens no folder. */
  readonly empty?: boolean;
  /** An existing folder to open, such as the workspace of another window. */
  readonly folder?: string;
}

/** Started by the first test of a file and shared by all of them. */
let session: Promise<Session> | undefined;
after(async () => (await session)?.stop());

/** Opens another window on the running test's server. */
export type OpenWindow = (options: WindowOptions) => Promise<Window>;

/**
 * A claim about the packaged extension in a real VS Code window, opened with the given workspace and settings. It also fails where our
 * extension has thrown, in its host or in a panel, or has asked anything of another machine.
 */
export function vscodeTest(claim: string, options: WindowOptions, body: (window: Window, openWindow: OpenWindow) => Promise<void>): void {
  test(claim, { timeout: 10 * patience }, async () => {
    session ??= Session.start();
    const running = await session;
    const earlierErrors = running.server.logs.extensionErrors().length;
    try {
      const window = await openWindow(running, options);
      await body(window, (others) => openWindow(running, others));
      assert.deepEqual(running.server.logs.extensionErrors().slice(earlierErrors), [], 'errors of the extension in the log of its host');
      for (const opened of running.windows) await assertNoOffence(opened);
    } catch (error) {
      throw await explained(error, claim, running);
    } finally {
      await running.closeWindows();
    }
  });
}

function openWindow(running: Session, { empty = false, folder, files, copies, ...settings }: WindowOptions): Promise<Window> {
  if (empty) return running.open(null, settings);
  return running.open(folder ?? running.workspace({ ...(files && { files }), ...(copies && { copies }) }), settings);
}

async function assertNoOffence({ host, offences }: Window): Promise<void> {
  assert.deepEqual(offences.errors, [], 'errors in our panels');
  assert.deepEqual(offences.requests, [], 'requests of our panels to other machines');
  const connections = await host.evaluate(() => (globalThis as unknown as { otbOutsideConnections(): string[] }).otbOutsideConnections());
  assert.deepEqual(connections, [], 'connections of the extension host to other machines');
}

/** The error with pictures of the windows and the ends of the logs. */
async function explained(error: unknown, claim: string, { server, windows }: Session): Promise<Error> {
  const name = `failed-${claim.replace(/\W+/g, '-').slice(0, 60)}`;
  for (const [index, window] of windows.entries()) await window.screenshot(`${name}-${index + 1}`).catch(() => undefined);
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${message}\nscreenshots: .cache/screenshots/${name}-*.png\n${server.logTail()}`, { cause: error });
}
