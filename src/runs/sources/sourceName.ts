import path from 'node:path';

/** Names that a program gives to the log of every run, and that tell none apart: the folder's is the run's. */
const usual =
  /^(?:trainer_state|trainer_log|progress|metrics|logging|logs?|train|training|output|out|stdout|console|nohup|results?|runs?|main|events|tfevents|summaries|tb|tensorboard|(?:tb|tf|tensorboard)[._-]?logs?)(?:[._-]?\d+)?$/i;

const endings = /\.(?:jsonl?|csv|log|txt|out|err|ipynb|db|sqlite3?|wandb)$/i;

/** The parts of a path that tell a run apart, the last without its ending: not what every run's file is called. */
export function tellingParts(source: string): readonly string[] {
  const parts = source.split(path.sep).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const telling = [...parts.slice(0, -1), endings.test(last) ? last.slice(0, last.lastIndexOf('.')) : last];
  while (telling.length > 1 && usual.test(telling.at(-1) as string)) telling.pop();
  return telling;
}
