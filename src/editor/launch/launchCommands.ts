import { Disposable } from 'vscode';
import type { Parts } from '../parts.ts';

/** Commands that start, stop, resume, branch and delete runs. */
export function registerLaunchCommands(_parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'view' | 'log' | 'programs'>): Disposable {
  return Disposable.from();
}
