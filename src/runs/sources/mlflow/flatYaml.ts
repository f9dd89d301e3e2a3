/** The texts of a mapping in YAML without levels, as PyYAML writes the `meta.yaml` of MLflow; what has levels, and lists, is left out. */
export function flatYaml(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let key: string | undefined;
  let parts: string[] = [];
  const keep = () => {
    const value = key === undefined ? undefined : scalar(parts.join(' '));
    if (value !== undefined) values.set(key as string, value);
  };
  for (const line of text.split(/\r?\n/)) {
    const [, name, rest] = /^([\w.-]+):(?: (.*))?$/.exec(line) ?? [];
    if (name !== undefined) {
      keep();
      [key, parts] = [name, [(rest ?? '').trim()]];
      // Long texts go on in lines that are further in.
    } else if (/^\s+\S/.test(line)) parts.push(line.trim());
  }
  keep();
  return values;
}

function scalar(text: string): string | undefined {
  if (text.startsWith("'")) return text.length > 1 && text.endsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : undefined;
  if (text.startsWith('"')) return doubleQuoted(text);
  return /^[[{|>&*!-]/.test(text) || text === '' || text === 'null' ? undefined : text;
}

function doubleQuoted(text: string): string | undefined {
  // YAML's \xe9 is JSON's é; a backslash at the end of a line joins it with the next.
  const json = text.replaceAll(/\\x([0-9a-fA-F]{2})/g, String.raw`\u00$1`).replaceAll(/\\ \\?/g, '');
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
