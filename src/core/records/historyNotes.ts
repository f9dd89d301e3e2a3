import { counted } from '../notation.ts';
import type { Life, RunHistory } from './runHistory.ts';
import { stepsBeforeStrays } from './strays.ts';

/** Earlier runs of a file that are told one by one. */
const mostTold = 3;

/** What a reader of a run should know about its file, in sentences. `life`: the one that is shown, where it was chosen. */
export function historyNotes({ lives, repeated, undone, table }: RunHistory, life = lives.length): string[] {
  const notes: string[] = [];
  if (table.leftOut > 0)
    notes.push(
      `${counted(table.leftOut, 'value')} of ${table.keys.length} or more metrics were left out: with ever new names of metrics a file is no log of a run.`,
    );
  if (lives.length > 1) notes.push(life === lives.length ? earlierNote(lives) : chosenNote(lives, life));
  if (repeated > 0)
    notes.push(`${repeated === 1 ? '1 step was' : `${repeated} steps were`} written again, as a resumed run does; the later values count.`);
  if (undone > 0)
    notes.push(
      `${undone === 1 ? '1 step was' : `${undone} steps were`} left out: the run was resumed from before, and has not come to ${undone === 1 ? 'it' : 'them'} again.`,
    );
  return notes;
}

/** What is to be said beside the pictures of a run: which other runs there are in its file, and which steps no picture reaches. */
export function pictureNotes({ lives, table: { steps } }: Pick<RunHistory, 'lives' | 'table'>): string[] {
  const strays = steps.subarray(stepsBeforeStrays(steps));
  const [first] = strays;
  const notes = lives.length > 1 ? [earlierNote(lives)] : [];
  if (first === undefined) return notes;
  const which = strays.length === 1 ? `Step ${first} lies` : `${strays.length} steps, from ${first} on, lie`;
  return [...notes, `${which} far beyond the others, like a time stamp; the charts leave it out while outliers are ignored.`];
}

/** About a step that lies far beyond the others. `line`: its line in the file. `others`: ascending. */
export function strayNote(step: number, line: number, others: Float64Array): string {
  return `Line ${line} gives step ${step}, far beyond the others (${others[0]} to ${others.at(-1)}), as if a time stamp stood in its place. Its values are kept; pictures leave it out.`;
}

function earlierNote(lives: readonly Life[]): string {
  const earlier = lives.slice(0, -1);
  const told = earlier.slice(0, mostTold).map(({ firstStep, lastStep }) => `${firstStep} to ${lastStep}`);
  const more = earlier.length > mostTold ? ' and more' : '';
  const whose = earlier.length === 1 ? 'an earlier run' : `${earlier.length} earlier runs`;
  return `Steps ${told.join(', ')}${more} of ${whose} in the same file are not shown; the newest run is at step ${lives.at(-1)?.lastStep}.`;
}

function chosenNote(lives: readonly Life[], life: number): string {
  return `This is run ${life} of ${lives.length} in the same file; the newest run is at step ${lives.at(-1)?.lastStep}.`;
}
