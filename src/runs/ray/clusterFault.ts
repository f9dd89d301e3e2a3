import { printableLine } from '../../core/printable.ts';
import type { RayAddress } from './rayAddress.ts';
import { RayError } from './rayError.ts';

/** Characters of what a cluster says that are shown. */
const mostShown = 300;

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'that host is not known',
  EAI_AGAIN: 'the name of that host cannot be looked up just now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it does not answer in time',
  ECONNRESET: 'it closed the connection',
};

/** A request that got no answer. `error` is the system's, or Node's. */
export function withoutAnswer({ url, namedBy }: RayAddress, error: unknown): RayError {
  const cause = (error as Error | undefined)?.cause ?? error;
  const { code = '', name = '', message = '' } = cause as { readonly code?: string; readonly name?: string; readonly message?: string };
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    const remedy = 'Set NODE_EXTRA_CA_CERTS to a file with the certificate of whoever signed it.';
    return new RayError('stranger', `The certificate of ${url} is not one that this machine trusts (${code}). ${remedy}`);
  }
  if (/^ERR_SSL|EPROTO/.test(code)) return new RayError('stranger', `${url} does not speak https. Write http:// in the address.`);
  if (code.startsWith('HPE_')) {
    return new RayError(
      'stranger',
      `${url} does not speak HTTP: it is no Ray dashboard, whose port is 8265 where nothing else was chosen. ${namedBy} says so.`,
    );
  }
  const timedOut = name === 'TimeoutError' || name === 'AbortError';
  const reason = timedOut ? 'it does not answer in time' : (unreachable[code] ?? printableLine(message).slice(0, mostShown));
  const remedy = `${namedBy} says so: see that the Ray head runs and that this is its dashboard.`;
  return new RayError('away', `The Ray cluster at ${url} cannot be reached: ${reason}. ${remedy}`, { cause: error });
}

/** A request that the cluster did not do: its status and what it said, which is plain text. `tokenFrom`: see RayCredentials. */
export function refusedAnswer({ url, namedBy }: RayAddress, status: number, text: string, tokenFrom: string | null): RayError {
  const remedy = 'Set RAY_AUTH_TOKEN to the token of the cluster, or RAY_AUTH_TOKEN_PATH to a file that has it, where runs are started.';
  if (status === 401 || status === 403) {
    const problem = tokenFrom === null ? 'wants a token' : `does not accept the token from ${tokenFrom}`;
    return new RayError('unauthorized', `The Ray cluster at ${url} ${problem}. ${remedy}`);
  }
  if (status >= 300 && status < 400) {
    return new RayError('stranger', `${url} sends us elsewhere, as a page to log in does. ${namedBy} is to be the dashboard itself.`);
  }
  if (status === 404) {
    if (/does not exist/.test(text)) return new RayError('missing', `The Ray cluster at ${url} says: ${reasonIn(text)}.`);
    return new RayError('stranger', `${url} answers, but has no Ray Jobs API (404). ${namedBy} is to be the dashboard of a Ray head.`);
  }
  if (status === 502 || status === 503 || status === 504) {
    return new RayError('away', `The Ray cluster at ${url} cannot be reached: what stands before it answers ${status}.`);
  }
  if (/No available agent|Failed to get head node agent|Agent info not found/.test(text)) {
    return new RayError('busy', `The Ray cluster at ${url} takes no jobs yet: its head has no job agent.`);
  }
  if (/Job with submission_id \S+ already exists/.test(text)) return new RayError('exists', reasonIn(text));
  return new RayError('refused', `The Ray cluster at ${url} answers ${status}: ${reasonIn(text)}`);
}

/** What a Python traceback, or other text of several lines, comes down to: the last error that it names, else its first line. */
export function reasonIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const error = lines.findLast((line) => /^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt)(?::|$)/.test(line));
  const said = error?.replace(/^(?:ValueError|RuntimeError|Exception): /, '') ?? lines[0] ?? 'nothing more';
  return printableLine(said.trim()).slice(0, mostShown);
}
