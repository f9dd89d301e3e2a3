import { mebibytesText } from '../../core/gpus/gpu.ts';
import { isObject, parse } from '../../core/records/json.ts';
import { usualPython } from '../../runs/launcher/pythonChoice.ts';
import type { PythonChoice } from '../../runs/launcher/pythonChoice.ts';
import { childOutput } from '../../runs/process/childOutput.ts';

export interface Python extends PythonChoice {
  readonly version: string;
}

/** A Python package that trains or is needed for it. */
export interface PythonPackage {
  readonly name: string;
  readonly usable: boolean;
  readonly version: string | null;
  /** Why it is not usable, or what it found, e.g. torch's CUDA devices. */
  readonly reason: string;
}

/** A GPU on which torch can compute. */
export interface TorchDevice {
  readonly name: string;
  /** Null: it has that of the machine. */
  readonly memoryMiB: number | null;
}

/** What was found of the Python that runs take. */
export interface PythonFindings {
  readonly python: Python | null;
  readonly problem: string | null;
  readonly packages: readonly PythonPackage[];
  /** What torch sees; none: no GPU, or no torch. */
  readonly devices: readonly TorchDevice[];
}

/** Why a package is not usable that is not there. */
export const notInstalled = 'not installed';

const packages = ['torch', 'transformers', 'trl', 'vllm', 'peft', 'verl', 'openrlhf'];

// A real import, because an installed package that cannot be loaded is no use; found first, because a missing one is no error.
const probe = `
import importlib, importlib.metadata, importlib.util, json, sys
name = sys.argv[1]
if importlib.util.find_spec(name) is None:
    print(json.dumps({"found": False}))
    sys.exit()
module = importlib.import_module(name)
try:
    version = importlib.metadata.version(name)
except importlib.metadata.PackageNotFoundError:
    version = getattr(module, "__version__", None)
devices = []
if name == "torch":
    if module.cuda.is_available():
        for index in range(module.cuda.device_count()):
            found = module.cuda.get_device_properties(index)
            devices.append({"name": found.name, "memoryMiB": found.total_memory // 2**20})
    elif getattr(module.backends, "mps", None) is not None and module.backends.mps.is_available():
        devices.append({"name": "Apple GPU (MPS)", "memoryMiB": None})
print(json.dumps({"found": True, "version": version, "devices": devices}))
`;

/** Whether the Python of runs starts, and the packages that it can import; a package that hangs is given up after 30 seconds. */
export async function findPython(choice: PythonChoice): Promise<PythonFindings> {
  const { program, source } = choice;
  const output = await childOutput(program, ['-c', 'import platform; print(platform.python_version())'], 10_000);
  if (!output.ok) {
    const reason = choice === usualPython ? output.reason : `${program}, ${source}, does not start: ${output.reason}`;
    return { python: null, problem: reason, packages: [], devices: [] };
  }
  const found = await Promise.all(packages.map((name) => importPackage(program, name)));
  return {
    python: { program, source, version: output.stdout.trim() },
    problem: null,
    packages: found.map((one) => one.found),
    devices: found.flatMap(({ devices }) => devices),
  };
}

async function importPackage(program: string, name: string): Promise<{ readonly found: PythonPackage } & Pick<PythonFindings, 'devices'>> {
  const output = await childOutput(program, ['-c', probe, name], 30_000);
  const not = (reason: string) => ({ found: { name, usable: false, version: null, reason }, devices: [] });
  if (!output.ok) return not(output.reason);
  // Packages print banners while they load; the answer is the last line.
  const answer = parse(output.stdout.trim().split('\n').at(-1) ?? '');
  if (!isObject(answer)) return not('it was loaded, but printed something else than what it was asked for');
  if (answer['found'] !== true) return not(notInstalled);
  const version = typeof answer['version'] === 'string' ? answer['version'] : null;
  const devices = name === 'torch' ? devicesOf(answer['devices']) : [];
  return { found: { name, usable: true, version, reason: name === 'torch' ? devicesText(devices) : '' }, devices };
}

function devicesOf(value: unknown): readonly TorchDevice[] {
  return (Array.isArray(value) ? value : []).flatMap((one: unknown) => {
    if (!isObject(one) || typeof one['name'] !== 'string') return [];
    const { name, memoryMiB } = one;
    return [{ name: String(name), memoryMiB: typeof memoryMiB === 'number' ? memoryMiB : null }];
  });
}

/** "NVIDIA H100 80GB HBM3 with 79.6 GiB"; "CPU only". */
export function devicesText(devices: readonly TorchDevice[]): string {
  if (devices.length === 0) return 'CPU only';
  return devices.map(({ name, memoryMiB }) => (memoryMiB === null ? name : `${name} with ${mebibytesText(memoryMiB)}`)).join(', ');
}
