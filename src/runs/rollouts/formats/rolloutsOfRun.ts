import { existsSync } from 'node:fs';
import path from 'node:path';
import { getOwn, isObject } from '../../../core/records/json.ts';
import type { RolloutPlace } from '../rolloutSource.ts';
import { recogniseRollouts } from './recognise.ts';

/** A run of another program, as far as it tells where its rollouts are. */
export interface ForeignRun {
  /** The file or folder that it was read from. */
  readonly source: string;
  /** By dotted path, as far as they are known. */
  readonly parameters: unknown;
  /** Folders that relative paths of its parameters may begin at. */
  readonly roots: readonly string[];
}

const dumpFolder = 'trainer.rollout_data_dir';
/** How far above a run's own files the folder can be that its trainer wrote everything into. */
const levels = 3;

/** The rollouts of a run of verl or TRL; a sentence: there are none, and what to set for the next run. Throws a RunDirectoryError. */
export async function rolloutsOfRun(run: ForeignRun): Promise<RolloutPlace | string> {
  const parameters = isObject(run.parameters) ? run.parameters : {};
  const said = getOwn(parameters, dumpFolder);
  const folders = above(run.source);
  if (typeof said === 'string' && said !== '') {
    const found = [...run.roots, ...folders].map((root) => path.resolve(root, said)).find(existsSync);
    if (found !== undefined) return placeOf(found);
    return `The config of this run names ${said} for its rollouts (${dumpFolder}), and there is no such folder here. Copy it here, then open it with OTB: Open rollouts.`;
  }
  const completions = folders.map((folder) => path.join(folder, 'completions')).find(existsSync);
  if (completions !== undefined) return placeOf(completions);
  if (Object.keys(parameters).some((key) => key.startsWith('actor_rollout_ref.')))
    return `verl has written no rollouts of this run: set ${dumpFolder}=FOLDER, and it writes those of every step there.`;
  if (Object.hasOwn(parameters, 'log_completions'))
    return 'TRL has written no completions of this run: set log_completions=True, and it writes them into the folder completions of output_dir.';
  return `No rollouts of this run were found beside ${path.basename(run.source)}. verl writes them with ${dumpFolder}=FOLDER, TRL with log_completions=True; others can be opened with OTB: Open rollouts.`;
}

async function placeOf(found: string): Promise<RolloutPlace | string> {
  const recognised = await recogniseRollouts(found);
  if (recognised.kind === 'place') return recognised.place;
  return `What is in ${found} is neither of verl nor of TRL. Open it with OTB: Open rollouts, which asks for the keys.`;
}

/** The folder that a file is in, or the folder itself, and those above. */
function above(source: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = source; folders.length < levels && path.dirname(folder) !== folder; folder = path.dirname(folder)) folders.push(folder);
  return folders;
}
