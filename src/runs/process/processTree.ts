import { randomBytes } from 'node:crypto';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { processTable } from './processTable.ts';
import type { ProcessRow } from './processTable.ts';

/** Environment variables of every process of a command. Its descendants inherit them, also those that leave its session and its parent. */
export const treeVariables = { runDir: 'OTB_RUN_DIR', mark: 'OTB_RUN_MARK' } as const;

/** A command and all that it has started. */
export interface CommandTree {
  /** What no other command has as its `OTB_RUN_MARK`. */
  readonly mark: string;
  /** The command itself, which leads a session of its own (`detached: true`), and may have ended; null: not known. */
  readonly leader: ProcessIdentity | null;
}

/** A process of a command. */
export interface TreeProcess extends ProcessRow {
  /** Whether its session, and so its group, has only processes of the command. */
  readonly ownSession: boolean;
}

/** A mark for one start of a command. */
export function newMark(): string {
  return randomBytes(16).toString('hex');
}

/**
 * The processes of a command that are there now, this one never among them. A process is the command's if it has the mark, if its parent is
 * the command's, or if it is in a session of the command's: nobody gets into a session but by being born there.
 *
 * Out of reach is only who has given up all of these: a process of a new session whose parent has ended, and which has no environment any
 * more that tells of the mark. On Windows none is found.
 *
 * @param known processes that were found before
 */
export async function findTree(tree: CommandTree, known: readonly ProcessIdentity[] = []): Promise<readonly TreeProcess[]> {
  if (process.platform === 'win32') return [];
  return ofTree(await processTable(`${treeVariables.mark}=${tree.mark}`), tree, process.pid, known);
}

/** Those rows of a process table that are a command's. `self`: the process that asks. */
export function ofTree(
  table: readonly ProcessRow[],
  { leader }: CommandTree,
  self: number,
  known: readonly ProcessIdentity[] = [],
): readonly TreeProcess[] {
  const rows = new Map(table.map((row) => [row.pid, row]));
  const foreignSessions = new Set([0, rows.get(self)?.session]);
  const found = new Set<number>();
  const sessions = new Set<number>();
  if (leader !== null && leader.pid !== self) {
    const row = rows.get(leader.pid);
    const isThere = row !== undefined && row.processStartTime === leader.processStartTime;
    if (isThere) found.add(row.pid);
    // A pid is not used again as long as a session has it as its number.
    if (isThere || row === undefined) sessions.add(leader.pid);
  }
  for (const { pid, processStartTime } of known) if (pid !== self && rows.get(pid)?.processStartTime === processStartTime) found.add(pid);
  // A command that was not given a session of its own shares one with others.
  const isOwn = (session: number): boolean => {
    if (foreignSessions.has(session)) return false;
    const leads = rows.get(session);
    return leads === undefined || found.has(session) || leads.environment === 'unknown';
  };
  for (let before = -1; found.size > before;) {
    before = found.size;
    for (const row of table) {
      if (row.pid === self) continue;
      if (row.environment === 'has' || found.has(row.parent) || sessions.has(row.session)) found.add(row.pid);
      if (found.has(row.pid) && isOwn(row.session)) sessions.add(row.session);
    }
  }
  return table.filter(({ pid }) => found.has(pid)).map((row) => ({ ...row, ownSession: sessions.has(row.session) && isOwn(row.session) }));
}
