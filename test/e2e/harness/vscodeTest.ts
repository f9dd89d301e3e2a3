import { after, test } from 'node:test';
import { Session } from './session.ts';
import type { SessionWindow } from './session.ts';
import { FinalFailure, severalTries } from './tries.ts';
import { patience } from './until.ts';
import type { Window } from './window.ts';
import type { WorkspaceContent } from './workspace.ts';

export interface WindowOptions extends WorkspaceContent, SessionWindow {
  /** Opens no folder. */
  readonly empty?: boolean;
  /** An existing folder to open, such as the workspace of another window. */
  readonly folder?: string;
}

/** Started by the first test of a file and shared by all of them, until one fails. */
let running: Session | undefined;
after(endSession);

/** Opens another window on the running test's server. */
export type OpenWindow = (options: WindowOptions) => Promise<Window>;

/**
 * A claim about the packaged extension in a real VS Code window, opened with the given workspace and settings. It also fails where our
 * extension has thrown, in its host or in a panel, or has asked anything of another machine.
 */
export function vscodeTest(claim: string, options: WindowOptions, body: (window: Window, openWindow: OpenWindow) => Promise<void>): void {
  const attempt = async () => {
    running ??= await Session.start();
    const session = running;
    const earlierErrors = session.server.logs.extensionErrors().length;
    try {
      const window = await openWindow(session, options);
      await inTime(body(window, (others) => openWindow(session, others)));
      await assertNoOffences(session, earlierErrors);
    } catch (error) {
      const failure = await explained(error, claim, session);
      // A second try has nothing of the first.
      await endSession().catch(() => undefined);
      throw failure;
    }
    await session.closeWindows();
  };
  test(claim, { timeout: 25 * patience }, (context) => severalTries(attempt, (message) => context.diagnostic(`"${claim}" ${message}`)));
}

async function endSession(): Promise<void> {
  const session = running;
  running = undefined;
  await session?.stop();
}

/** A body that never ends leaves time for another try. */
async function inTime(body: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`has not ended after ${(10 * patience) / 1000} s`)), 10 * patience);
  });
  await Promise.race([body, late]).finally(() => clearTimeout(timer));
}

function openWindow(running: Session, { empty = false, folder, files, copies, ...settings }: WindowOptions): Promise<Window> {
  if (empty) return running.open(null, settings);
  return running.open(folder ?? running.workspace({ ...(files && { files }), ...(copies && { copies }) }), settings);
}

async function assertNoOffences({ server, windows }: Session, earlierErrors: number): Promise<void> {
  const found: [what: string, offences: readonly string[]][] = [
    ['errors of the extension in the log of its host', server.logs.extensionErrors().slice(earlierErrors)],
  ];
  for (const { host, offences } of windows) {
    const connections = await host.evaluate(() => (globalThis as unknown as { otbOutsideConnections(): string[] }).otbOutsideConnections());
    found.push(['errors in our panels', offences.errors], ['requests of our panels to other machines', offences.requests]);
    found.push(['connections of the extension host to other machines', connections]);
  }
  const offences = found.filter(([, each]) => each.length > 0);
  if (offences.length > 0) throw new FinalFailure(offences.map(([what, each]) => `${what}:\n${each.join('\n')}`).join('\n'));
}

/** The error with pictures of the windows and the ends of the logs. */
async function explained(error: unknown, claim: string, { server, windows }: Session): Promise<Error> {
  const name = `failed-${claim.replace(/\W+/g, '-').slice(0, 60)}`;
  for (const [index, window] of windows.entries()) await window.screenshot(`${name}-${index + 1}`).catch(() => undefined);
  const message = error instanceof Error ? error.message : String(error);
  const Kind = error instanceof FinalFailure ? FinalFailure : Error;
  return new Kind(`${message}\nscreenshots: .cache/screenshots/${name}-*.png\n${server.logTail()}`, { cause: error });
}
