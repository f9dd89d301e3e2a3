import { childOutput } from './childOutput.ts';

export interface Python {
  readonly program: string;
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

/** The first Python that starts, and the packages that it can import; a package that hangs is given up after 30 seconds. */
export async function findPython(): Promise<{
  readonly python: Python | null;
  readonly problem: string | null;
  readonly packages: readonly PythonPackage[];
}> {
  const python = await firstPython(['python3', 'python']);
  if (python === null) return { python, problem: 'neither python3 nor python starts', packages: [] };
  return { python, problem: null, packages: await Promise.all(packages.map((name) => importPackage(python.program, name))) };
}

async function firstPython(programs: readonly string[]): Promise<Python | null> {
  for (const program of programs) {
    const output = await childOutput(program, ['-c', 'import platform; print(platform.python_version())'], 10_000);
    if (output.ok) return { program, version: output.stdout.trim() };
  }
  return null;
}

async function importPackage(program: string, name: string): Promise<PythonPackage> {
  const output = await childOutput(program, ['-c', probe, name], 30_000);
  if (!output.ok) return { name, usable: false, version: null, reason: output.reason };
  // Packages print banners while they load; the answer is the last line.
  const answer = JSON.parse(output.stdout.trim().split('\n').at(-1) ?? '{}') as { found?: boolean; version?: string | null; note?: string };
  if (answer.found !== true) return { name, usable: false, version: null, reason: 'not installed' };
  return { name, usable: true, version: answer.version ?? null, reason: answer.note ?? '' };
}
