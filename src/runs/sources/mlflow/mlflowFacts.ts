import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { setOwn } from '../../../core/records/json.ts';
import { parameterFacts } from '../parameters.ts';
import type { RunFacts, SourceEnd } from '../format.ts';
import { pythonNumber } from '../pythonNumber.ts';

/** What MLflow keeps of a run besides its metrics, all of it as text. */
export interface MlflowRun {
  readonly name: string | undefined;
  readonly experiment: string | undefined;
  /** In milliseconds since 1970. */
  readonly startTime: number;
  /** As the SQLite store names it, or as the file store counts. */
  readonly status: string;
  readonly parameters: Iterable<readonly [key: string, value: string]>;
}

export function mlflowFacts({ name, experiment, startTime, parameters }: MlflowRun): RunFacts {
  const own: Record<string, ParameterValue> = {};
  const dotted: Record<string, ParameterValue> = {};
  for (const [key, text] of parameters) {
    const value = parameterValue(text);
    setOwn(own, key, value);
    // verl logs its config to MLflow with slashes: "algorithm/adv_estimator".
    setOwn(dotted, key.replaceAll('/', '.'), value);
  }
  return {
    ...parameterFacts(dotted),
    parameters: own,
    ...(name !== undefined && name !== '' && { name }),
    ...(experiment !== undefined && experiment !== '' && { group: experiment }),
    ...(startTime > 0 && startTime < 8.64e15 && { createdAt: new Date(startTime).toISOString() }),
  };
}

export function mlflowEnd(status: string): SourceEnd | undefined {
  switch (status) {
    case 'FINISHED':
    case '3':
      return { state: 'finished', message: '' };
    case 'FAILED':
    case '4':
      return { state: 'failed', message: 'MLflow has the run as failed.' };
    case 'KILLED':
    case '5':
      return { state: 'stopped', message: 'MLflow has the run as killed.' };
    default:
      return undefined;
  }
}

/** Parameters are Python's `str` of what was logged. */
function parameterValue(text: string): ParameterValue {
  if (text === 'True' || text === 'False') return text === 'True';
  if (text === 'None') return null;
  const number = pythonNumber(text);
  return number !== undefined && Number.isFinite(number) && /^[-+.\d]/.test(text) ? number : text.slice(0, 500);
}
