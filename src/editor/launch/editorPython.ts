import { setTimeout as delay } from 'node:timers/promises';
import { extensions } from 'vscode';
import type { Uri } from 'vscode';
import { programFrom, usualPython } from '../../runs/launcher/pythonChoice.ts';
import type { PythonChoice } from '../../runs/launcher/pythonChoice.ts';
import type { Settings } from '../settings.ts';
import { chosenInterpreter } from './pythonExtension.ts';

/** Milliseconds that the Python extension has for an answer; it may be looking for environments. */
const answerLimitMs = 10_000;

/** The Python of runs in a folder: the one chosen in the Python extension, else that of the settings, else `python3`. */
export async function editorPython(settings: Pick<Settings, 'get'>, folder: Uri | undefined): Promise<PythonChoice> {
  const chosen = await Promise.race([chosenInExtension(folder), delay(answerLimitMs, undefined, { ref: false })]);
  if (chosen !== undefined) return { program: chosen, source: 'the one chosen in the Python extension' };
  const named = settings.get('python.path').trim();
  if (named !== '') return { program: programFrom(named, folder?.fsPath ?? ''), source: 'that of the setting otb.python.path' };
  return usualPython;
}

/** That extension's faults are no reason not to start a run. */
async function chosenInExtension(folder: Uri | undefined): Promise<string | undefined> {
  const extension = extensions.getExtension<unknown>('ms-python.python');
  if (!extension) return undefined;
  try {
    return await chosenInterpreter(await extension.activate(), folder);
  } catch {
    return undefined;
  }
}
