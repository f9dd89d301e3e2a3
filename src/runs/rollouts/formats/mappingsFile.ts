import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { getOwn, isObject, parse, stringify } from '../../../core/records/json.ts';
import { writeAtomically } from '../../directory/atomicFile.ts';
import { pathKey } from '../../directory/pathWithin.ts';
import { ignoreMissing } from '../../directory/missing.ts';
import { readText, sizeLimits } from '../../directory/regularFile.ts';
import { RunDirectoryError, RunWriteError, unreadable } from '../../directory/runDirectoryError.ts';
import { parseMapping, type RolloutMapping } from './mapping.ts';

const schemaVersion = 1;
const remedy = 'Put it right, or delete the file: the mapping is asked for again.';

/**
 * Mappings of rollout files that were asked for once, `rollouts.json` in the folder `.otb` of a workspace: by path, from the workspace
 * where the file is in it.
 */
export class MappingsFile {
  readonly file: string;

  constructor(private readonly root: string) {
    this.file = path.join(root, '.otb', 'rollouts.json');
  }

  /** The mapping of a rollout file or folder; undefined: none was said. Throws a RunDirectoryError that names what is wrong where. */
  async read(place: string): Promise<RolloutMapping | undefined> {
    const key = pathKey(place, this.root);
    const entry = getOwn(await this.entries(), key);
    if (entry === undefined) return undefined;
    const mapping = parseMapping(entry, `mappings["${key}"]`);
    if (typeof mapping === 'string') throw this.damaged(mapping);
    return mapping;
  }

  /** Throws a RunDirectoryError where the file is there and cannot be understood, and leaves it as it was. */
  async write(place: string, mapping: RolloutMapping): Promise<void> {
    const mappings = { ...(await this.entries()), [pathKey(place, this.root)]: mapping };
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      writeAtomically(this.file, `${stringify({ schemaVersion, mappings }, 2)}\n`);
    } catch (error) {
      throw new RunWriteError(this.file, error);
    }
  }

  private async entries(): Promise<Readonly<Record<string, unknown>>> {
    const text = await readText(this.file, sizeLimits.labels)
      .catch(ignoreMissing)
      .catch((error: unknown) => {
        throw unreadable(this.file, error);
      });
    if (text === undefined) return {};
    const value = parse(text);
    if (!isObject(value)) throw this.damaged('this is not a JSON object');
    const { schemaVersion: version, mappings } = value;
    if (version !== schemaVersion)
      throw this.damaged(`its schemaVersion is ${stringify(version ?? null)}, and this version knows ${schemaVersion}`);
    if (!isObject(mappings)) throw this.damaged('its mappings is not an object');
    return mappings;
  }

  private damaged(problem: string): RunDirectoryError {
    return new RunDirectoryError(this.file, problem, remedy);
  }
}
