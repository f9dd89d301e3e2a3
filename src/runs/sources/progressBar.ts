/** A progress bar of tqdm: " 5%|▌         | 3/60 [00:12<03:48,  4.01s/it]". */
export interface ProgressBar {
  readonly done: number;
  readonly total: number;
}

const bar = /(\S?)[ \t]{0,8}\b\d{1,3}%\|[^|]{0,1000}\|[ \t]{0,8}(\d{1,15})\/(\d{1,15}) \[/g;

/** The bars in a text that have no name before them: a trainer's have none, those of its helpers are called "Map:" or "Loading weights:". */
export function namelessBars(text: string): readonly ProgressBar[] {
  if (!text.includes('%|')) return [];
  const bars: ProgressBar[] = [];
  for (const [, before, done, total] of text.matchAll(bar)) if (before !== ':') bars.push({ done: Number(done), total: Number(total) });
  return bars;
}
