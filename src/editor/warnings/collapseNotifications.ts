import { Disposable } from 'vscode';
import type { Parts } from '../parts.ts';

/** One notification for each run that collapses while this window is open. */
export function registerCollapseNotifications(_parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'seen' | 'panels'>): Disposable {
  return Disposable.from();
}
