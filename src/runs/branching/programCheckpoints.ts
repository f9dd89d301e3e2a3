import { existsSync } from 'node:fs';
import path from 'node:path';
import { filledIn } from '../../core/config/commandTemplate.ts';
import type { BranchConfig, ProgramRunConfig } from '../../core/config/config.ts';
import { runFiles } from '../../core/records/run.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { namesIn } from '../directory/checkpoints.ts';
import type { Checkpoint } from '../directory/checkpoints.ts';

/** Stands for the number of the step while everything else is filled in; no path has it. */
const mark = '\0';

/** The checkpoints that the program of a run has written, in order of step; none where nobody says where they are. */
export function programCheckpoints(
  dir: string,
  { name, estimator, seed, cwd, config }: Pick<RunRecord, 'name' | 'estimator' | 'seed' | 'cwd'> & { readonly config: ProgramRunConfig },
  branch: BranchConfig | null = config.branch,
): readonly Checkpoint[] {
  if (config.trainer === 'trl') return matching(path.join(dir, runFiles.checkpoints, `checkpoint-${mark}`, 'trainer_state.json'), 1);
  if (branch === null) return [];
  const variables = { name, estimator, seed: String(seed), runDir: dir, gpus: '', python: '' };
  const pattern = filledIn(branch.checkpoints.replaceAll('${step}', mark), variables, process.env);
  return matching(path.resolve(cwd, config.cwd ?? '.', pattern), 0);
}

/** What is there for some step. `above`: how many folders above the pattern the checkpoint is. */
function matching(pattern: string, above: number): readonly Checkpoint[] {
  const at = pattern.indexOf(mark);
  if (at < 0) return [];
  const start = pattern.lastIndexOf(path.sep, at) + 1;
  const next = pattern.indexOf(path.sep, at);
  const end = next < 0 ? pattern.length : next;
  const folder = pattern.slice(0, start);
  const [before = '', after = ''] = pattern.slice(start, end).split(mark);
  const rest = pattern.slice(end);
  const found = namesIn(folder).flatMap((name): Checkpoint[] => {
    const digits = name.startsWith(before) && name.endsWith(after) ? name.slice(before.length, name.length - after.length) : '';
    const step = Number(digits);
    const place = `${path.join(folder, name)}${rest.replaceAll(mark, digits)}`;
    if (!/^\d+$/.test(digits) || !Number.isSafeInteger(step) || !existsSync(place)) return [];
    return [{ step, dir: above === 0 ? place : path.dirname(place) }];
  });
  return found.sort((a, b) => a.step - b.step);
}
