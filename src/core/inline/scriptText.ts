/** Of a longer script only the beginning is read: people write some hundred lines. */
const mostCharacters = 2 ** 18;

/** How a file that a command starts is written. */
export type ScriptSyntax = 'shell' | 'python' | 'yaml';

/** By the ending of the file's name; undefined: it is none of these. */
export function scriptSyntax(file: string): ScriptSyntax | undefined {
  const ending = /\.(?:(sh|bash|zsh|slurm|sbatch)|(py)|(ya?ml))$/i.exec(file);
  if (!ending) return undefined;
  const [, shell, python] = ending;
  return shell === undefined ? (python === undefined ? 'yaml' : 'python') : 'shell';
}

/**
 * The text with spaces in place of comments and, in Python, of texts in triple quotes, which are descriptions: what stands in them sets
 * nothing. Every other character stays where it is.
 */
export function withoutComments(text: string, syntax: ScriptSyntax): string {
  const source = text.slice(0, mostCharacters);
  switch (syntax) {
    case 'shell':
      return blanked(source, /\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|(?<![^\s;()&|])#[^\r\n]*/g);
    case 'python':
      return blanked(source, /"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|#[^\r\n]*/g);
    case 'yaml':
      return blanked(source, /"(?:\\[^\n]|[^"\\\n])*"|(?<=[\s[{:,-])'[^'\n]*'|(?<!\S)#[^\r\n]*/g);
  }
}

function blanked(source: string, parts: RegExp): string {
  return source.replaceAll(parts, (part) => (/^(?:#|"""|''')/.test(part) ? part.replaceAll(/[^\r\n]/g, ' ') : part));
}
