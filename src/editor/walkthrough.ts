import { commands } from 'vscode';

/** A step of the walkthrough in package.json; "completionEvents" there look at the context key of the same name. */
export type WalkthroughStep = 'config' | 'start' | 'collapse' | 'compare' | 'own';

/** Ticks a step off once what it asks for has been done; that a command was called says nothing, for it may have been cancelled. */
export function completeStep(step: WalkthroughStep): void {
  void commands.executeCommand('setContext', `otb.walkthrough.${step}`, true);
}
