import path from 'node:path';

/** The programs that come with the extension, each a process or a thread of its own. */
export interface Programs {
  readonly trainer: string;
  /** The command line; starts the runs of a plan one after the other. */
  readonly otb: string;
  /** Worker thread that reads long runs. */
  readonly reader: string;
  /** Worker thread that reads many runs that have ended. */
  readonly ended: string;
  /** Worker thread that reads rollouts. */
  readonly rollouts: string;
  /** The Node that VS Code itself runs on: its server's, or Electron as Node. */
  readonly node: string;
  /** What the environment of a program needs besides this process's own, so that Electron is Node. */
  readonly env: Readonly<Record<string, string>>;
}

export function programsIn(extensionPath: string): Programs {
  const bundle = (name: string): string => path.join(extensionPath, 'dist', name);
  return {
    trainer: bundle('trainer.mjs'),
    otb: bundle('otb.mjs'),
    reader: bundle('reader.mjs'),
    ended: bundle('ended.mjs'),
    rollouts: bundle('rollouts.mjs'),
    node: process.execPath,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}
