import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { browserInstallation } from './installation.ts';
import { patience } from './until.ts';

/** A headless Chromium that reaches this machine and nothing else. */
export function launchBrowser(home: string): Promise<Browser> {
  mkdirSync(path.join(home, 'browser'), { recursive: true });
  const { executable: executablePath, environment } = browserInstallation();
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return chromium.launch({
    executablePath,
    timeout: patience,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost',
    ],
    env: { ...inherited, ...environment, HOME: path.join(home, 'browser') },
  });
}
