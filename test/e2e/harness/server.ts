import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ExtensionHosts } from './extensionHost.ts';
import { installation } from './installation.ts';
import { killProcessesOf } from './processes.ts';
import { ServerLogs, lastLines } from './serverLogs.ts';
import type { UserSettings } from './settings.ts';
import { settingsJson } from './settings.ts';
import { until } from './until.ts';

/** A throw-away VS Code server in a folder of its own, with the packaged extension and the probe installed. */
export class VSCodeServer {
  readonly hosts: ExtensionHosts;
  readonly logs: ServerLogs;
  private output = '';

  private constructor(
    readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    this.hosts = new ExtensionHosts(path.join(folder, 'probe'));
    this.logs = new ServerLogs(path.join(folder, 'user/logs'));
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static async start(): Promise<VSCodeServer> {
    // Sockets in it must stay shorter than the 107 bytes that Linux allows.
    const folder = mkdtempSync(path.join(tmpdir(), 'otb-e2e-'));
    for (const name of ['home', 'probe', 'tmp', 'user/User', 'workspaces']) mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, 'config.yaml'), 'auth: none\ncert: false\n');
    const { node, server, packages } = installation();
    const common = [
      server,
      '--config',
      `${folder}/config.yaml`,
      '--user-data-dir',
      `${folder}/user`,
      '--extensions-dir',
      `${folder}/extensions`,
    ];
    const env = serverEnvironment(folder);

    const installed = spawnSync(node, [...common, ...packages.flatMap((file) => ['--install-extension', file]), '--force'], {
      env,
      encoding: 'utf8',
    });
    if (installed.status !== 0 || installed.stdout.split('successfully installed').length - 1 !== packages.length) {
      throw new Error(`VS Code did not install ${packages.join(' and ')}:\n${installed.stdout}${installed.stderr}`);
    }
    const silent = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy'];
    const serve = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', ...silent];
    const started = new VSCodeServer(folder, spawn(node, [...common, ...serve], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    process.once('exit', () => started.remove());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    await until('the VS Code server to listen', () => {
      if (started.child.exitCode !== null) throw new Error(`the VS Code server did not start:\n${started.output}`);
      return started.address();
    });
    return started;
  }

  get url(): string {
    const address = this.address();
    if (address === undefined) throw new Error('the VS Code server does not listen');
    return address;
  }

  /** Open windows take new settings on too. */
  configure(settings: UserSettings): void {
    writeFileSync(path.join(this.folder, 'user/User/settings.json'), settingsJson(settings));
  }

  /** Ends of what the server, its extension hosts and our extension have logged, for the message of a failed test. */
  logTail(): string {
    return `--- server\n${lastLines(this.output)}\n${this.logs.tail()}`;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await until('the VS Code server to end', () => this.child.exitCode !== null || this.child.signalCode !== null);
    this.remove();
  }

  /** Ends whatever still runs, detached trainers included, and deletes the folder. */
  private remove(): void {
    this.child.kill('SIGKILL');
    killProcessesOf(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private address(): string | undefined {
    return /HTTP server listening on (http:\/\/[\d.]+:\d+)/.exec(this.output)?.[1];
  }
}

/** Nothing of the machine's own VS Code, of a test runner or of an npm script reaches the server and what it starts. */
function serverEnvironment(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_|npm_|OTB_|PORT$|PASSWORD$|XDG_)/.test(name));
  const home = path.join(folder, 'home');
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    TMPDIR: path.join(folder, 'tmp'),
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.local/share'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    XDG_RUNTIME_DIR: path.join(folder, 'tmp'),
    OTB_PROBE_FOLDER: path.join(folder, 'probe'),
  };
}
