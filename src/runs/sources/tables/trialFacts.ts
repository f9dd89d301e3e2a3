import path from 'node:path';
import { isObject, parse } from '../../../core/records/json.ts';
import { readText } from '../../directory/regularFile.ts';
import type { RunFacts } from '../format.ts';
import { flattened, parameterFacts } from '../parameters.ts';

/** Such a file has a few kilobytes. */
const limit = 1 << 20;

/** What a folder tells of the table in it: Ray Tune writes the parameters of a trial into `params.json`. */
export async function trialFacts(table: string): Promise<RunFacts> {
  const text = await readText(path.join(path.dirname(table), 'params.json'), limit).catch(() => undefined);
  const value = text === undefined ? undefined : parse(text);
  return isObject(value) ? parameterFacts(flattened(value)) : {};
}
