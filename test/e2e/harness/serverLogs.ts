import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { extensionId } from './installation.ts';

/** What a VS Code server's extension hosts have logged, in the folder that its user data keep for that. */
export class ServerLogs {
  constructor(private readonly folder: string) {}

  /** Ends of the extension hosts' logs and of our extension's own output. */
  tail(): string {
    const files = this.files().filter((name) => name.includes(extensionId) || name.endsWith('exthost.log'));
    return files.map((name) => `--- ${name}\n${this.read(name).trimEnd().split('\n').slice(-15).join('\n')}`).join('\n');
  }

  /** Errors in the extension hosts' logs that name our extension, stack traces included. */
  extensionErrors(): readonly string[] {
    const hostLogs = this.files().filter((name) => name.endsWith('exthost.log'));
    const entries = hostLogs.flatMap((name) => this.read(name).split(/\n(?=\d{4}-\d\d-\d\d )/));
    return entries.filter((entry) => /^\S+ \S+ \[error\]/.test(entry) && entry.includes(extensionId));
  }

  private files(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { recursive: true }).map(String).filter((name) => name.endsWith('.log')).sort();
  }

  private read(name: string): string {
    return readFileSync(path.join(this.folder, name), 'utf8');
  }
}
