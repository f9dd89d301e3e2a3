import { listText } from '../../core/notation.ts';
import { installCommand, isOlder, leastVersions, trlRequirement } from '../../runs/launcher/trlPackage.ts';
import { devicesText, notInstalled } from './python.ts';
import type { PythonFindings, TorchDevice } from './python.ts';

/** Whether runs of trainer "trl" can be started with a Python, and on what they would compute. */
export interface TrlDiagnosis {
  readonly usable: boolean;
  /** What is in the way, as a clause; where nothing is, what they compute on. */
  readonly reason: string;
  /** What to paste into a shell, to install what is missing; null: nothing is, or no command helps. */
  readonly command: string | null;
  /** The GPUs that torch sees. */
  readonly devices: readonly TorchDevice[];
}

/** Packages that are asked for, without which no run of trainer "trl" begins; TRL brings the others. */
const needed: readonly string[] = ['torch', 'transformers', 'trl'];

/**
 * What a Python lacks for runs of trainer "trl".
 *
 * @param gpus how many the tools of the GPUs list on this machine
 */
export function diagnoseTrl({ python, packages, devices }: Omit<PythonFindings, 'problem'>, gpus: number): TrlDiagnosis {
  const lacks = (reason: string, command: string | null = null): TrlDiagnosis => ({ usable: false, reason, command, devices });
  if (python === null) return lacks('there is no Python');
  if (isOlder(python.version, leastVersions.python))
    return lacks(`Python ${python.version} is older than ${leastVersions.python}, which TRL needs: choose another one`);
  const install = installCommand(python.program, trlRequirement);
  const bad = packages.filter(({ name, usable }) => needed.includes(name) && !usable);
  const missing = bad.filter(({ reason }) => reason === notInstalled).map(({ name }) => name);
  if (missing.length > 0) return lacks(`${listText(missing)} ${missing.length === 1 ? 'is' : 'are'} not installed`, install);
  const [broken] = bad;
  if (broken) return lacks(`${broken.name} cannot be imported: ${broken.reason}`);
  const version = packages.find(({ name }) => name === 'trl')?.version ?? '';
  if (isOlder(version, leastVersions.trl)) return lacks(`trl ${version} is older than ${leastVersions.trl}`, install);
  return { usable: true, reason: computesOn(devices, gpus), command: null, devices };
}

function computesOn(devices: readonly TorchDevice[], gpus: number): string {
  if (devices.length > 0) return devicesText(devices);
  if (gpus === 0) return 'CPU only, which is enough for a small model';
  return 'CPU only, though there is a GPU: torch is built without CUDA or for a newer driver, or CUDA_VISIBLE_DEVICES hides it; see https://pytorch.org/get-started/locally';
}
