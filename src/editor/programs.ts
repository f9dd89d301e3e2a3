import path from 'node:path';
import { tensorflowVariable } from '../runs/tensorflow/tensorflowPackage.ts';

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
  /** What the environment of a program needs besides this process's own: that Electron is Node, and where engines were installed. */
  readonly env: Readonly<Record<string, string>>;
}

/** Folder of the TensorFlow engine in the extension's storage. */
export function tensorflowHome(storagePath: string): string {
  return path.join(storagePath, 'tensorflow');
}

/** `storagePath`: where the extension keeps what is no workspace's. */
export function programsIn(extensionPath: string, storagePath: string): Programs {
  const bundle = (name: string): string => path.join(extensionPath, 'dist', name);
  return {
    trainer: bundle('trainer.mjs'),
    otb: bundle('otb.mjs'),
    reader: bundle('reader.mjs'),
    ended: bundle('ended.mjs'),
    rollouts: bundle('rollouts.mjs'),
    node: process.execPath,
    env: {
      ELECTRON_RUN_AS_NODE: '1',
      [tensorflowVariable]: [process.env[tensorflowVariable] ?? [], tensorflowHome(storagePath)].flat().join(path.delimiter),
    },
  };
}
