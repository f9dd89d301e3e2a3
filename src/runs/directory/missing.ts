/**
 * For a promise of something in a file: undefined where there is no such file. Any other failure of the file system (no permission, a
 * server that does not answer) says nothing about what there is, and is thrown on.
 */
export function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

/** Whether this is the system's word that a file, or a directory on the way to it, is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
