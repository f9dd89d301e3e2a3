/** Why a file, a path in the repository, may not import `source`; undefined where it may. */
export function objection(file: string, source: string): string | undefined;
