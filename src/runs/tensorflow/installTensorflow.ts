import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../process/findProgram.ts';
import { InstallError, installFailure } from './installError.ts';
import { runStep } from './installStep.ts';
import type { StepPlace } from './installStep.ts';
import { packageFolder, tensorflowEngine, tensorflowPackages, tensorflowVariable, tensorflowVersion } from './tensorflowPackage.ts';
import type { TensorflowKind } from './tensorflowPackage.ts';

export interface TensorflowInstallation {
  /** The folder that it is installed into; what is there is replaced once the new one works. */
  readonly home: string;
  readonly kind: TensorflowKind;
  /** In which npm is looked for; it is passed on, so that proxies and mirrors of npm's and of tfjs-node's are used. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the installation, with all that it has started. */
  readonly signal: AbortSignal;
  /** Is told what is being done: "Downloading libtensorflow". */
  readonly onStage: (stage: string) => void;
  /** The trainer, `dist/trainer.mjs`, and the Node that runs it: they tell whether the engine works before it takes its place. */
  readonly trainer: { readonly entry: string; readonly node: string; readonly env?: Readonly<Record<string, string | undefined>> };
}

const isWindows = process.platform === 'win32';

/**
 * Installs the pinned version, in a folder beside `home` that takes its place at the end: nothing half-installed is ever found, and where
 * it fails, or is cancelled, nothing is left. Throws an InstallError whose message is a sentence; `aborted` where `signal` was.
 */
export async function installTensorflow({ home, kind, env, signal, onStage, trainer }: TensorflowInstallation): Promise<void> {
  const npm = findProgram(isWindows ? 'npm.cmd' : 'npm', process.cwd(), env);
  if (npm === undefined) throw new InstallError('npm is not on the PATH. It comes with Node.js: install that from https://nodejs.org.');
  mkdirSync(path.dirname(home), { recursive: true });
  removeLeftovers(home);
  const staging = mkdtempSync(`${home}${stagingMark}${process.pid}-`);
  const name = tensorflowPackages[kind];
  const run = async (stage: string, program: string, args: readonly string[], place: Pick<StepPlace, 'cwd' | 'env'>): Promise<string> => {
    onStage(stage);
    const { ok, output } = await runStep(program, args, { ...place, signal });
    if (signal.aborted) throw new InstallError('It was cancelled.', { aborted: true });
    if (!ok) throw installFailure(stage, output);
    return output;
  };
  try {
    // npm goes by the nearest package.json, which must not be that of a folder above.
    writeFileSync(path.join(staging, 'package.json'), '{ "private": true }\n');
    // The scripts of packages are run below: some versions of npm would leave them out, and none says which of the two has failed.
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', `${name}@${tensorflowVersion}`];
    await run(`Installing ${name} ${tensorflowVersion}`, npm, install, { cwd: staging, env });
    await run('Downloading libtensorflow', npm, ['run', 'install'], { cwd: packageFolder(staging, kind), env });
    const probed = { cwd: staging, env: { ...env, ...trainer.env, [tensorflowVariable]: staging } };
    const reason = notUsable(await run('Checking that it works', trainer.node, [trainer.entry, '--probe'], probed));
    if (reason !== undefined) throw new InstallError(`It was installed, but does not work here, and was removed again: ${reason}`);
    replace(home, staging);
  } finally {
    rmSync(staging, { recursive: true, force: true, maxRetries: 5 });
  }
}

const stagingMark = '.installing-';

/** What an installation left whose process was killed. */
function removeLeftovers(home: string): void {
  const mark = `${path.basename(home)}${stagingMark}`;
  for (const name of readdirSync(path.dirname(home))) {
    const pid = name.startsWith(mark) ? Number(/^\d+/.exec(name.slice(mark.length))?.[0]) : Number.NaN;
    if (Number.isNaN(pid) || isThere(pid)) continue;
    rmSync(path.join(path.dirname(home), name), { recursive: true, force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function replace(home: string, by: string): void {
  try {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    renameSync(by, home);
  } catch (error) {
    throw new InstallError(`${home} cannot be replaced (${(error as Error).message}). Stop the runs that use it, and install it again.`);
  }
}

/** Why the trainer cannot use the engine, from what it prints with `--probe`; undefined: it can. */
function notUsable(printed: string): string | undefined {
  const line = printed.split('\n').findLast((text) => text.startsWith('{'));
  const { engines } = JSON.parse(line ?? '{}') as { readonly engines?: readonly { name: string; usable: boolean; reason: string }[] };
  const found = engines?.find(({ name }) => name === tensorflowEngine);
  if (found === undefined) return 'the trainer does not know it.';
  return found.usable ? undefined : found.reason;
}
