// Builds the engine tfjs-tensorflow from npm and PyPI alone, into .cache/tensorflow: @tensorflow/tfjs-node, its addon compiled from the sources
// in the package, against the libtensorflow and the headers in PyPI's wheel of TensorFlow. Linux, with Python's pip and a C++ compiler.
// `node tools/tensorflow.mjs` then holds its numbers to those of wasm-simd; with a command it runs that, with the engine in reach:
// `node tools/tensorflow.mjs node dist/otb.mjs doctor`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { duration, stopwatch } from './jobs.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const home = path.join(root, '.cache/tensorflow');
const versions = { '@tensorflow/tfjs-node': '4.22.0', 'node-api-headers': '1.9.0', tensorflow: '2.21.0' };
/** Python that unpacks of the wheel in a folder what the addon is compiled against. */
const unpack = `
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
    headers = ("tensorflow/c/", "tensorflow/core/platform/", "tsl/platform/", "xla/tsl/")
    parts = ("tensorflow/libtensorflow", *("tensorflow/include/" + header for header in headers))
    wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(parts)])
`;
/** Of N-API: the newest that tfjs-node looks for. Every Node that runs this project has it. */
const napi = 8;

if (!existsSync(home)) {
  if (process.platform !== 'linux') fail(`this builds for Linux, not for ${process.platform}: see docs/engines.md for other systems.`);
  const building = `${home}.building`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  const elapsed = stopwatch();
  build(building);
  renameSync(building, home);
  console.log(`tfjs-tensorflow built in ${path.relative(root, home)} … ${duration(elapsed())}`);
}
const [program, ...args] = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath, 'tools/test.mjs', 'engines/agreement'];
const env = { ...process.env, OTB_TENSORFLOW: home };
process.exit(spawnSync(program, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1);

function build(folder) {
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = ['@tensorflow/tfjs-node', 'node-api-headers'].map((name) => `${name}@${versions[name]}`);
  // Its own install script downloads what is made here.
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted], folder);

  const tfjs = path.join(folder, 'node_modules/@tensorflow/tfjs-node');
  const wheels = path.join(folder, 'wheel');
  // The build for x86 without CUDA is a package of its own.
  const wheel = `${process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${versions.tensorflow}`;
  run('python3', ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--dest', wheels, wheel], folder);
  run('python3', ['-c', unpack, wheels], folder);

  const library = path.join(tfjs, 'deps/lib');
  mkdirSync(library, { recursive: true });
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    renameSync(path.join(wheels, 'tensorflow', name), path.join(library, name));
  // By the names that binding.gyp links.
  symlinkSync('libtensorflow_cc.so.2', path.join(library, 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', path.join(library, 'libtensorflow_framework.so'));
  cpSync(path.join(wheels, 'tensorflow/include'), path.join(tfjs, 'deps/include'), { recursive: true });
  rmSync(wheels, { recursive: true });

  const addon = path.join(tfjs, `lib/napi-v${napi}`);
  mkdirSync(addon, { recursive: true });
  const include = ['..', '.', 'deps/include', '../../node-api-headers/include'].map((place) => `-I${place}`);
  const sources = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
  const link = ['-Ldeps/lib', '-Wl,-rpath,$ORIGIN/../../deps/lib', '-ltensorflow', '-ltensorflow_framework'];
  const out = ['-o', path.join(addon, 'tfjs_binding.node')];
  run(
    process.env.CXX ?? 'g++',
    ['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${napi}`, ...include, ...sources, ...out, ...link],
    tfjs,
  );
}

/** Says nothing of what a program prints unless it fails. */
function run(program, args, cwd) {
  console.error(`otb: ${path.basename(program)} ${args.slice(0, args[0] === '-m' ? 3 : 1).join(' ')}…`);
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) fail(`${program} failed${error === undefined ? '' : `: ${error.message}`}\n${stdout ?? ''}${stderr ?? ''}`);
}

function fail(message) {
  console.error(`otb: the engine tfjs-tensorflow cannot be built: ${message}`);
  process.exit(1);
}
