import { RayError } from './rayError.ts';

/** Where the Jobs API of a Ray cluster is. */
export interface RayAddress {
  /** URL of the dashboard without a slash at its end; `/api/jobs/` follows. */
  readonly url: string;
  /** Who named it, as the words of a sentence. */
  readonly namedBy: string;
}

/** Where Ray's own tools look for a cluster that nobody has named. */
const usualUrl = 'http://127.0.0.1:8265';
/** Where the processes of a cluster meet, which is no dashboard. */
const gcsPort = '6379';

/**
 * The address that a config names (`written`), or else the environment. Like Ray's tools it takes a host and a port without `http://`,
 * and where nothing is named, or `auto`, the dashboard of this machine. Throws a RayError that says what to write instead.
 */
export function rayAddress(written: string | null, env: Readonly<Record<string, string | undefined>>): RayAddress {
  const [text, namedBy] = named(written, env);
  if (text === 'auto' || text === 'local') return { url: usualUrl, namedBy };
  // What is between :// and @ may be a password, and is not repeated.
  if (/^[^/]*:\/\/[^/]*@|^[^/]*@/.test(text)) {
    throw wrong(
      namedBy,
      'holds a user name or a password, which would be written into the run. Name them in "headers" as "${env:NAME}" and leave them out here.',
    );
  }
  const [, scheme, rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme?.toLowerCase() === 'ray') {
    throw wrong(namedBy, `is ${text}, an address for ray.init(). Jobs go to the dashboard: write ${dashboardOf(rest)}.`);
  }
  if (scheme !== undefined && !/^https?$/i.test(scheme)) {
    throw wrong(namedBy, `is ${text}, and jobs go to a dashboard by http or https: write ${dashboardOf(rest)}.`);
  }
  if (/^[^/[\]]*:[^/[\]]*:/.test(rest)) {
    throw wrong(namedBy, `is ${text}. An IPv6 address stands in brackets: write ${scheme ?? 'http'}://[ADDRESS]:8265.`);
  }
  const url = parsed(`${scheme ?? 'http'}://${rest}`);
  if (url === null || url.hostname === '')
    throw wrong(namedBy, `is ${JSON.stringify(text)}, which is no address. Write one like ${usualUrl}.`);
  if (url.port === gcsPort) {
    throw wrong(namedBy, `is ${text}, where the nodes of the cluster meet. Jobs go to the dashboard: write ${dashboardOf(rest)}.`);
  }
  if (url.search !== '')
    throw wrong(namedBy, `is ${text}. Leave out what begins with "?": an address has a host, a port and at most a path.`);
  // What follows # is a page of the dashboard, copied from a browser.
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, namedBy };
}

function named(written: string | null, env: Readonly<Record<string, string | undefined>>): readonly [text: string, namedBy: string] {
  if (written !== null) return [written.trim(), 'The "address" in the config'];
  for (const name of ['RAY_API_SERVER_ADDRESS', 'RAY_ADDRESS']) {
    const text = env[name]?.trim();
    if (text !== undefined && text !== '') return [text, `The environment variable ${name}`];
  }
  return [usualUrl, "Ray's usual address"];
}

function dashboardOf(rest: string): string {
  const host = /^(\[[0-9A-Fa-f:.%]+\]|[^:/?#[\]]+)/.exec(rest)?.[1] ?? 'HOST';
  return `http://${host}:8265`;
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function wrong(namedBy: string, problem: string): RayError {
  return new RayError('address', `${namedBy} ${problem}`);
}
