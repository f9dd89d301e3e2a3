import { isObject } from '../../core/records/json.ts';

/** What is called of the Python extension; it exports more. */
interface PythonEnvironments {
  getActiveEnvironmentPath(resource: unknown): unknown;
  resolveEnvironment(environment: unknown): Promise<unknown>;
}

/**
 * The interpreter that somebody chose in the Python extension for a file or folder, by what that extension exports
 * (https://www.npmjs.com/package/@vscode/python-extension). Undefined where its environment has no interpreter, as a Conda environment
 * may, or where it exports something else.
 */
export async function chosenInterpreter(exported: unknown, resource: unknown): Promise<string | undefined> {
  const environments = isObject(exported) ? exported['environments'] : undefined;
  if (!isEnvironments(environments)) return undefined;
  const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(resource));
  const executable = isObject(resolved) ? resolved['executable'] : undefined;
  const uri = isObject(executable) ? executable['uri'] : undefined;
  const file = isObject(uri) ? uri['fsPath'] : undefined;
  return typeof file === 'string' && file !== '' ? file : undefined;
}

function isEnvironments(value: unknown): value is PythonEnvironments {
  return isObject(value) && typeof value['getActiveEnvironmentPath'] === 'function' && typeof value['resolveEnvironment'] === 'function';
}
