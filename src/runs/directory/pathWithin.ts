import path from 'node:path';

/** Whether a path is a folder, or lies in it. Links are not followed. */
export function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * A path as a file of a workspace names it: from the workspace folder where it is in that, else in full; with slashes on every system, for the
 * folder may be on a disk that several use. `root`: null: in full.
 */
export function pathKey(file: string, root: string | null): string {
  const isInside = root !== null && isWithin(file, root);
  return (isInside ? path.relative(root, file) || '.' : file).replaceAll(path.sep, '/');
}
