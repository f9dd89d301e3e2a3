/** What runs of trainer "trl" need, as pip writes it; the version in whose trainer advantages may have a value a token. */
export const trlRequirement = 'trl>=1.16';

/** Least versions, as `isOlder` reads them: of TRL, and of the Python that it runs in. */
export const leastVersions = { trl: '1.16', python: '3.11' } as const;

/** The command that installs a requirement into a Python, to be pasted into a shell: `/venv/bin/python -m pip install "trl>=1.16"`. */
export function installCommand(python: string, requirement: string): string {
  const quoted = (text: string): string => (/^[\w./\\:~+-]+$/.test(text) ? text : `"${text}"`);
  return `${quoted(python)} -m pip install ${quoted(requirement)}`;
}

/** Whether a version ("1.16.0.dev0", "3.9.2") comes before another, by the numbers that both have; false where it is no version. */
export function isOlder(version: string, least: string): boolean {
  const numbers = (text: string): number[] => (/^\d+(?:\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number);
  const found = numbers(version);
  if (!/^\d/.test(version)) return false;
  for (const [index, number] of numbers(least).entries()) {
    const difference = (found[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
