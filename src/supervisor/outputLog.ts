import { bytesText } from '../core/notation.ts';
import type { Write } from '../runs/directory/lineFile.ts';
import { UnusableFileError } from '../runs/directory/regularFile.ts';
import { RotatedFile } from './rotatedFile.ts';
import type { RotationLimits } from './rotatedFile.ts';
import { SecretMask } from './secretMask.ts';

/** Milliseconds that the beginning of a secret is held back in the hope of its rest. */
const holdMs = 100;
/** Bytes that are kept for a disk that may have room again. */
const mostWaiting = 1 << 20;

export interface OutputLogOptions extends RotationLimits {
  /** Where the file is, now. */
  readonly folder: () => string;
  /** `stdout.log` */
  readonly name: string;
  /** Values that must not be written anywhere; those under eight characters are. */
  readonly secrets: readonly string[];
  /** Is told once that output cannot be written, why, and what to do. */
  readonly onTrouble: (sentence: string) => void;
  /** Gets what was printed, without secrets, before it is in the file. */
  readonly onBytes: (bytes: Buffer) => void;
  readonly write?: Write;
}

/**
 * What a command prints, as it is printed, in a file of its run directory. Bytes are in the file when `take` returns: a process that is
 * killed then loses none of them. A disk that is full ends nothing: the output goes on when there is room, with a line that says what is
 * missing.
 */
export class OutputLog {
  private readonly file: RotatedFile;
  private readonly mask: SecretMask;
  private readonly options: OutputLogOptions;
  private timer: NodeJS.Timeout | undefined;
  /** What could not be written yet. */
  private waiting: Buffer = Buffer.alloc(0);
  private missing = 0;
  private hasTold = false;

  constructor(options: OutputLogOptions) {
    this.options = options;
    this.file = new RotatedFile(options.folder, options.name, options, options.write);
    this.mask = new SecretMask(options.secrets);
  }

  /** Takes what was read from the command's pipe. Never fails. */
  take(chunk: Buffer): void {
    clearTimeout(this.timer);
    const { bytes, holdsBack } = this.mask.feed(chunk);
    this.put(bytes);
    if (holdsBack) this.timer = setTimeout(() => this.put(this.mask.flush()), holdMs);
  }

  /** The command will print no more. */
  end(): void {
    clearTimeout(this.timer);
    this.put(this.mask.end());
    this.file.close();
  }

  /** Readers first: when this process is killed here, they lack nothing that the file has. */
  private put(bytes: Buffer): void {
    if (bytes.length > 0) this.options.onBytes(bytes);
    this.save(bytes);
  }

  private save(bytes: Buffer): void {
    const note = Buffer.from(
      this.missing === 0 ? '' : `\n[otb: ${bytesText(this.missing)} of output are missing here, because they could not be written]\n`,
    );
    const before = this.waiting.length + note.length;
    const all = before === 0 ? bytes : Buffer.concat([this.waiting, note, bytes]);
    let done = 0;
    try {
      this.file.append(all, (count) => (done += count));
      this.waiting = Buffer.alloc(0);
      this.missing = 0;
    } catch (error) {
      this.keep(done, note, bytes);
      if (!this.hasTold) this.options.onTrouble(troubleOf(this.options.name, error));
      this.hasTold = true;
    }
  }

  /** Keeps what may be written later, once `done` bytes of what was waiting, of the note and of the new bytes have been written. */
  private keep(done: number, note: Buffer, bytes: Buffer): void {
    const before = this.waiting.length + note.length;
    const rest = bytes.subarray(Math.max(0, done - before));
    // A note that is not whole is made anew, with what is missing then.
    this.waiting = this.waiting.subarray(Math.min(done, this.waiting.length));
    if (done >= before) this.missing = 0;
    const room = this.missing > 0 ? 0 : Math.max(0, mostWaiting - this.waiting.length);
    if (room > 0) this.waiting = Buffer.concat([this.waiting, rest.subarray(0, room)]);
    this.missing += Math.max(0, rest.length - room);
  }
}

/** Why output is not written, and what to do. */
function troubleOf(name: string, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const goesOn = 'The run goes on; its output is written again once that is possible.';
  if (error instanceof UnusableFileError) return `The output cannot be written to ${name}: ${message}. ${error.remedy} ${goesOn}`;
  if (code === 'ENOSPC') return `The output cannot be written to ${name}: the disk is full. Free some space. ${goesOn}`;
  if (code === 'EDQUOT') return `The output cannot be written to ${name}: the disk quota is used up. Free some space. ${goesOn}`;
  return `The output cannot be written to ${name}: ${message}. See to the file system. ${goesOn}`;
}
