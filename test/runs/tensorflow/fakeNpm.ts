import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A program `npm` in `folder` that downloads nothing. `install` makes the package that it is asked for, with the module of `packageText`; the
 * package's own script goes as FAKE_NPM in the environment says: `ok`, `unreachable`, or `hangs`, with a child, until both are ended. Every call is a line of `calls.jsonl`, with the pid
 * of whoever hangs.
 */
export function writeFakeNpm(folder: string, packageText = ''): { readonly calls: string } {
  mkdirSync(folder, { recursive: true });
  const calls = path.join(folder, 'calls.jsonl');
  const npm = path.join(folder, 'npm');
  writeFileSync(npm, `#!${process.execPath}\n${source(calls, packageText)}`);
  chmodSync(npm, 0o755);
  return { calls };
}

function source(calls: string, packageText: string): string {
  return `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { spawn } = require('node:child_process');
const [command, ...args] = process.argv.slice(2);
const tell = (more) => appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ command, args, cwd: process.cwd(), mirror: process.env.TFJS_NODE_CDN_STORAGE, ...more }) + '\\n');
const how = process.env.FAKE_NPM ?? 'ok';
if (command === 'install') {
  tell({});
  if (how === 'no registry') {
    console.error('npm error code ENOTFOUND\\nnpm error network request to https://registry.npmjs.org/@tensorflow%2ftfjs-node failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org\\nnpm error A complete log of this run can be found in: /home/me/.npm/_logs/x-debug-0.log');
    process.exit(1);
  }
  const name = args.at(-1).replace(/@[^@]*$/, '');
  mkdirSync('node_modules/' + name, { recursive: true });
  writeFileSync('node_modules/' + name + '/package.json', JSON.stringify({ name, main: 'index.js' }));
  writeFileSync('node_modules/' + name + '/index.js', ${JSON.stringify(packageText)});
} else if (how === 'hangs') {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { detached: true, stdio: 'ignore' });
  tell({ pids: [process.pid, child.pid] });
  setInterval(() => undefined, 1000);
} else if (how === 'unreachable') {
  console.log('* Downloading libtensorflow\\nhttps://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz');
  console.error('Error: getaddrinfo ENOTFOUND storage.googleapis.com\\n  code: "ENOTFOUND"');
  process.exit(1);
} else if (how === 'unsupported') {
  console.error('CPU-linux-4.22.0.tar.gz\\nthrow new Error(message)\\nError: Unsupported system: cpu-linux-riscv64\\n    at run (install.js:1)\\nNode.js v20');
  process.exit(1);
} else tell({});
`;
}
