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

const packages = ['torch', 'verl', 'trl', 'openrlhf'];

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
note = ""
if name == "torch":
    count = module.cuda.device_count()
    note = ", ".join(module.cuda.get_device_name(i) for i in range(count)) if module.cuda.is_available() else "CPU only"
print(json.dumps({"found": True, "version": version, "note": note}))
`;

/** Whether the Python of runs starts, and the packages that it can import; a package that hangs is given up after 30 seconds. */
export async function findPython(choice: PythonChoice): Promise<{
  readonly python: Python | null;
  readonly problem: string | null;
  readonly packages: readonly PythonPackage[];
}> {
  const { program, source } = choice;
  const output = await childOutput(program, ['-c', 'import platform; print(platform.python_version())'], 10_000);
  if (!output.ok) {
    const reason = choice === usualPython ? output.reason : `${program}, ${source}, does not start: ${output.reason}`;
    return { python: null, problem: reason, packages: [] };
  }
  const found = await Promise.all(packages.map((name) => importPackage(program, name)));
  return { python: { program, source, version: output.stdout.trim() }, problem: null, packages: found };
}

async function importPackage(program: string, name: string): Promise<PythonPackage> {
  const output = await childOutput(program, ['-c', probe, name], 30_000);
  if (!output.ok) return { name, usable: false, version: null, reason: output.reason };
  // Packages print banners while they load; the answer is the last line.
  const answer = JSON.parse(output.stdout.trim().split('\n').at(-1) ?? '{}') as { found?: boolean; version?: string | null; note?: string };
  if (answer.found !== true) return { name, usable: false, version: null, reason: 'not installed' };
  return { name, usable: true, version: answer.version ?? null, reason: answer.note ?? '' };
}
