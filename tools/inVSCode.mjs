// Runs a bundle of dist/ that drives the packaged extension in a real VS Code: `node tools/inVSCode.mjs benchEditor [ARGUMENT…]`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageExtension, packageProbe } from './package.mjs';
import { setUpVSCode, unsupported } from './vscode.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [bundle, ...args] = process.argv.slice(2);
const reason = unsupported();
if (reason !== undefined) {
  console.error(`otb: ${reason}`);
  process.exit(1);
}
const env = {
  ...process.env,
  OTB_TEST_VSCODE: setUpVSCode(),
  OTB_TEST_VSIX: await packageExtension(),
  OTB_TEST_PROBE: await packageProbe(),
};
const { status } = spawnSync(process.execPath, ['--enable-source-maps', path.join(root, 'dist', `${bundle}.mjs`), ...args], {
  cwd: root,
  stdio: 'inherit',
  env,
});
process.exit(status ?? 1);
