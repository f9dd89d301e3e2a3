/** Why TensorFlow was not installed; the message is a sentence with its remedy. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
  /** Whether somebody asked for the end. */
  readonly aborted: boolean;
  /** What the program printed that failed. */
  readonly output: string;

  constructor(message: string, { aborted = false, output = '' }: { readonly aborted?: boolean; readonly output?: string } = {}) {
    super(message);
    this.aborted = aborted;
    this.output = output;
  }
}

/** What systems and Node call an address from which nothing comes. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|CERT_[A-Z_]+|[A-Z_]*SELF_SIGNED[A-Z_]*|UNABLE_TO_[A-Z_]+)\b/;
const elsewhere =
  'Name a mirror in TFJS_NODE_CDN_STORAGE or a proxy in HTTPS_PROXY, or build it from npm and PyPI: docs/engines.md of OTB Run Inspector says how.';

/** Why a step has failed, from what npm and the scripts of tfjs-node print. */
export function installFailure(stage: string, output: string): InstallError {
  const isLibrary = stage.includes('libtensorflow');
  const remedy = isLibrary ? elsewhere : 'Look at the registry and the proxy that npm uses: npm config list.';
  const reason = unreachable.exec(output)?.[1];
  if (reason !== undefined) {
    const host = /https?:\/\/([^/\s:]+)/.exec(output)?.[1] ?? 'the address';
    return new InstallError(`${stage} failed: ${host} cannot be reached (${reason}). ${remedy}`, { output });
  }
  const said = lastError(output);
  return new InstallError(`${stage} failed${said === '' ? '.' : `: ${said.replace(/\.$/, '')}.`} ${remedy}`, { output });
}

/** The line that names the error, which is seldom the last one. */
function lastError(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim());
  const told = lines.filter((line) => line !== '' && !/complete log|debug-\d+\.log/.test(line));
  return told.findLast((line) => /error|failed|unsupported|not found/i.test(line)) ?? told.at(-1) ?? '';
}
