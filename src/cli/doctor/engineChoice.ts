import { nearest } from '../../core/config/nearest.ts';
import { badInput, failed } from '../exit.ts';
import { probeEngines } from './engines.ts';

/** The trainer's own choice. */
export const anyEngine = 'auto';

/** Refuses an engine that is not there or does not work here, before runs are started that could only fail. */
export async function checkEngine(name: string, root: string): Promise<void> {
  if (name === anyEngine) return;
  const { engines, problem } = await probeEngines(root);
  if (problem !== null) throw failed(`--engine ${name}: ${problem}`);
  const known = [anyEngine, ...engines.map((engine) => engine.name)];
  const found = engines.find((engine) => engine.name === name);
  if (found === undefined) {
    const near = nearest(name, known);
    throw badInput(
      `--engine ${name}: there is no such engine.${near === undefined ? '' : ` Did you mean ${near}?`} Known: ${known.join(', ')}.`,
    );
  }
  if (!found.usable) throw failed(`--engine ${name} is not usable here: ${found.reason}`);
}
