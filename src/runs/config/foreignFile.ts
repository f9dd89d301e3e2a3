import type { ConfigFinding } from '../../core/config/findings.ts';
import { nearest } from '../../core/config/nearest.ts';

/** What a run config looks like, for those who gave something else. */
export const configExample =
  'A run config looks like {"name": "my-run", "estimators": ["dr_grpo", "tir_optimal_token_baseline"], "steps": 600}; ready-made ones are the presets, such as presets/demo.otb.json.';

type Finding = Omit<ConfigFinding, 'path'>;

/** What a text that is no JSON is instead; undefined where it is JSON with a mistake in it. */
export function foreignText(text: string): Finding | undefined {
  const first = text.split(/\r\n|\n|\r/).find((line) => !/^\s*(?:#.*)?$/.test(line)) ?? '';
  if (/^(?:---|%YAML|-\s|[\w.$-]+\s*:(?:\s|$))/.test(first))
    return { message: 'this looks like YAML, but a run config is JSON with comments', remedy: configExample };
  if (/^(?:\[[\w.$-]+\]|[\w.$-]+\s*=)/.test(first))
    return { message: 'this looks like TOML or a script, but a run config is JSON with comments', remedy: configExample };
  return undefined;
}

/** Keys that many kinds of JSON files have. */
const commonKeys: ReadonlySet<string> = new Set(['name', '$schema']);

/** Says of JSON that is plainly meant for something else that it is no config, once instead of once for each key. */
export function foreignObject(value: unknown, known: readonly string[]): Finding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.some((key) => known.includes(key) && !commonKeys.has(key))) return undefined;
  const few = 'name' in value ? 3 : 1;
  let strange = 0;
  for (const key of keys) {
    if (!known.includes(key) && nearest(key, known) === undefined) strange++;
    if (strange === few) break;
  }
  if (strange < few) return undefined;
  const which = 'name' in value ? `of its ${keys.length} keys only "name" is known` : 'none of its keys is known';
  return { message: `this does not look like a run config: ${which}`, remedy: configExample };
}
