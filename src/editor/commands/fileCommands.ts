import { Disposable } from 'vscode';
import type { Parts } from '../parts.ts';

/** Commands that open and export what belongs to runs: configs, logs, folders, rollouts, CSV. */
export function registerFileCommands(_parts: Pick<Parts, 'runs' | 'view' | 'log' | 'programs'>): Disposable {
  return Disposable.from();
}
