import path from 'node:path';
import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { isObject, parse, setOwn } from '../../../core/records/json.ts';
import { readText } from '../../directory/regularFile.ts';
import type { RunFacts } from '../format.ts';

/** Such a file has a few kilobytes. */
const limit = 1 << 20;

/** What a folder tells of the table in it: Ray Tune writes the parameters of a trial into `params.json`. */
export async function trialFacts(table: string): Promise<RunFacts> {
  const text = await readText(path.join(path.dirname(table), 'params.json'), limit).catch(() => undefined);
  const value = text === undefined ? undefined : parse(text);
  if (!isObject(value)) return {};
  const parameters: Record<string, ParameterValue> = {};
  flatten(value, '', parameters);
  const { seed } = parameters;
  return { parameters, ...(typeof seed === 'number' && { seed }) };
}

function flatten(value: Readonly<Record<string, unknown>>, prefix: string, into: Record<string, ParameterValue>): void {
  for (const [key, entry] of Object.entries(value)) {
    const name = `${prefix}${key}`;
    if (isObject(entry)) flatten(entry, `${name}.`, into);
    else if (entry === null || typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean')
      setOwn(into, name, entry);
  }
}
