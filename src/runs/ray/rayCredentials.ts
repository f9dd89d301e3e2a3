import os from 'node:os';
import path from 'node:path';
import { readText } from '../directory/regularFile.ts';
import { RayError } from './rayError.ts';

/** What each request to a cluster carries. It is kept in memory only. */
export interface RayCredentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Where the token is from, for people; null: there is none. */
  readonly tokenFrom: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Characters of a token file that are read. */
const mostBytes = 64 << 10;
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The headers of requests: those of the config, `written`, with `${env:NAME}` replaced, and the token as Ray's own tools find it
 * (2.60): RAY_AUTH_TOKEN, the file RAY_AUTH_TOKEN_PATH, the file ~/.ray/auth_token; none with RAY_AUTH_MODE=disabled, and none
 * where the config has an Authorization of its own. Throws a RayError, which never has a value in it.
 */
export async function rayCredentials(
  written: Readonly<Record<string, string>>,
  env: Environment,
  home: string = os.homedir(),
): Promise<RayCredentials> {
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(written)) {
    const value = filledIn(name, template, env);
    if (!headerName.test(name)) throw refusal(`The header ${JSON.stringify(name)} has a name that HTTP does not allow. Change it.`);
    if (!headerValue.test(value))
      throw refusal(`The value of the header ${name} has characters that HTTP does not allow, perhaps a new line.`);
    headers[name] = value;
  }
  const isSet = Object.keys(headers).some((name) => /^(x-ray-)?authorization$/i.test(name));
  const token = isSet ? null : await findToken(env, home);
  if (token === null) return { headers, tokenFrom: isSet ? '"headers" in the config' : null };
  return { headers: { ...headers, Authorization: `Bearer ${token.text}` }, tokenFrom: token.from };
}

/** The texts in what a request carries that nobody else may see. */
export function secretsOf({ headers }: RayCredentials): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => [value, ...value.split(/\s+/)])
    .filter((text) => text.length >= 6 && !/^(bearer|basic|digest)$/i.test(text))
    .sort((one, other) => other.length - one.length);
}

function filledIn(header: string, template: string, env: Environment): string {
  return template.replaceAll(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, (_found, name: string) => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw refusal(`The header ${header} takes its value from the environment variable ${name}, which is not set. Set it, then try again.`);
  });
}

async function findToken(env: Environment, home: string): Promise<{ readonly text: string; readonly from: string } | null> {
  const mode = env['RAY_AUTH_MODE']?.trim().toLowerCase();
  if (mode === 'disabled') return null;
  const inVariable = env['RAY_AUTH_TOKEN']?.trim() ?? '';
  if (inVariable !== '') return checked(inVariable, 'RAY_AUTH_TOKEN');
  const file = env['RAY_AUTH_TOKEN_PATH']?.trim() ?? '';
  if (file !== '') {
    const text = await firstLine(file).catch((error: unknown) => {
      throw refusal(`The file ${file}, which RAY_AUTH_TOKEN_PATH names, cannot be read: ${(error as Error).message}.`);
    });
    if (text === '') throw refusal(`The file ${file}, which RAY_AUTH_TOKEN_PATH names, has no token in its first line.`);
    return checked(text, `${file}, which RAY_AUTH_TOKEN_PATH names,`);
  }
  const usual = path.join(home, '.ray', 'auth_token');
  const text = await firstLine(usual).catch(() => '');
  if (text !== '') return checked(text, usual);
  if (mode !== 'token') return null;
  throw refusal(
    `RAY_AUTH_MODE is "token", and there is none: set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file that has it, or write it into ${usual}.`,
  );
}

/** A token that no header can carry is a file of another kind. */
function checked(text: string, from: string): { readonly text: string; readonly from: string } {
  if (/^[\x21-\x7e]+$/.test(text)) return { text, from };
  throw refusal(`The token from ${from} has characters that no token has. See that it is the right one.`);
}

async function firstLine(file: string): Promise<string> {
  return ((await readText(file, mostBytes)).split('\n')[0] ?? '').trim();
}

function refusal(message: string): RayError {
  return new RayError('unauthorized', message);
}
