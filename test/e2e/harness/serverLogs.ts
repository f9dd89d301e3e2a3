import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { extensionId } from './installation.ts';

/** What a VS Code server's extension hosts have logged, in the folder that its user data keep for that. */
export class ServerLogs {
  constructor(private readonly folder: string) {}

  /** Ends of the last extension host's log and of our extension's own output, without the lines that are in every one. */
  tail(): string {
    const hosts = [...new Set(this.files().map((name) => path.dirname(name.split(extensionId)[0] ?? name)))].filter((name) =>
      /exthost\d+$/.test(name),
    );
    const last = hosts.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
    const ofLast = this.files().filter((name) => last !== undefined && name.startsWith(`${last}/`));
    const files = ofLast.filter((name) => name.includes(extensionId) || name.endsWith('exthost.log'));
    return files.map((name) => `--- ${name}\n${lastLines(this.read(name))}`).join('\n');
  }

  /** Errors in the extension hosts' logs that name our extension, stack traces included. */
  extensionErrors(): readonly string[] {
    const hostLogs = this.files().filter((name) => name.endsWith('exthost.log'));
    const entries = hostLogs.flatMap((name) => this.read(name).split(/\n(?=\d{4}-\d\d-\d\d )/));
    return entries.filter((entry) => /^\S+ \S+ \[error\]/.test(entry) && entry.includes(extensionId));
  }

  private files(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.log'))
      .sort();
  }

  private read(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8');
  }
}

/** The last lines of a log that say something about this run. */
export function lastLines(text: string): string {
  const usual = /^\s*$|_doActivateExtension|File not found:|New connection established|reconnection-grace-time|^\s+at .*out\/vs\//;
  return text
    .split('\n')
    .filter((line) => !usual.test(line))
    .slice(-15)
    .join('\n');
}
