import { UnusableFileError } from './regularFile.ts';

/** Something about a run directory that the user has to put right. The message names the file, what is wrong, and what to do. */
export class RunDirectoryError extends Error {
  override readonly name: string = 'RunDirectoryError';
  readonly file: string;
  readonly problem: string;
  readonly remedy: string;

  constructor(file: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${file}: ${problem}. ${remedy}`, options);
    this.file = file;
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** A file or a directory that is there, or may be, but that the system does not let us read. */
export function unreadable(file: string, error: unknown): RunDirectoryError {
  if (error instanceof UnusableFileError)
    return new RunDirectoryError(file, `cannot be read: ${error.message}`, error.remedy, { cause: error });
  return new RunDirectoryError(file, `cannot be read: ${(error as Error).message}`, 'See to its permissions and to the file system.', {
    cause: error,
  });
}

/** A file of a run that cannot be written. Everything written before is still there. */
export class RunWriteError extends RunDirectoryError {
  override readonly name = 'RunWriteError';
  /** The system's code, e.g. ENOSPC. */
  readonly code: string;

  constructor(file: string, error: unknown) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    const [problem, remedy] =
      error instanceof UnusableFileError
        ? [error.message, error.remedy]
        : (explanations[code] ?? [`cannot be written: ${message}`, 'See to the file system, then resume the run.']);
    super(error instanceof UnusableFileError ? error.path : file, problem, remedy, { cause: error });
    this.code = code;
  }
}

const explanations: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOSPC: ['no space left on the device, the disk is full', 'Free some space, then resume the run, or start it again if it had not begun.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, then resume the run, or start it again if it had not begun.'],
  EROFS: ['the file system is read-only', 'Choose another output folder.'],
  EACCES: ['no permission to write', 'Change the permissions, or choose another output folder.'],
  EPERM: ['no permission to write', 'Change the permissions, or choose another output folder.'],
  ENOENT: ['the run directory was deleted while the run was writing to it', 'Start the run again.'],
  EMOVED: ['the run directory was moved, renamed or deleted while the run was writing to it', 'Resume the run where it is now.'],
};
