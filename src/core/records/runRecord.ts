import { isObject, parse } from './json.ts';
import { runSchemaVersion } from './run.ts';
import type { ExitRecord, RunRecord } from './run.ts';

const texts = [
  'id',
  'name',
  'group',
  'estimator',
  'cwd',
  'host',
  'engine',
  'device',
  'engineReason',
  'createdAt',
] as const satisfies readonly (keyof RunRecord)[];
const numbers = ['pid', 'seed'] as const satisfies readonly (keyof RunRecord)[];
const reasons: readonly unknown[] = [
  'completed',
  'stopped',
  'collapsed',
  'diverged',
  'dead',
  'failed',
] satisfies readonly ExitRecord['reason'][];

/** Reads `run.json`; a string says what is wrong with it. */
export function parseRunRecord(text: string): RunRecord | string {
  const value = parse(text);
  if (!isObject(value)) return text.trim() === '' ? 'it is empty' : 'it is no complete JSON object';
  const version = value['schemaVersion'];
  if (version !== runSchemaVersion)
    return typeof version === 'number'
      ? `its schema version is ${version}, this program reads ${runSchemaVersion}`
      : 'it has no schema version';
  const { config } = value;
  const missing = [
    ...texts.filter((key) => typeof value[key] !== 'string'),
    ...numbers.filter((key) => typeof value[key] !== 'number'),
    ...(isObject(config) ? (typeof config['steps'] === 'number' ? [] : ['config.steps']) : ['config']),
  ];
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`;
  const defaults = { processStartTime: null, configFile: null, configLines: {}, command: [], git: null };
  return { ...defaults, ...(value as Partial<RunRecord>) } as RunRecord;
}

/** Reads `exit.json`; undefined where it is none, e.g. while it is being written by a foreign tool. */
export function parseExitRecord(text: string): ExitRecord | undefined {
  const value = parse(text);
  if (!isObject(value) || !reasons.includes(value['reason'])) return undefined;
  const { code, signal, lastStep, message, time } = value;
  return {
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    lastStep: typeof lastStep === 'number' ? lastStep : 0,
    reason: value['reason'] as ExitRecord['reason'],
    message: typeof message === 'string' ? message : '',
    time: typeof time === 'number' ? time : Number.NaN,
  };
}
