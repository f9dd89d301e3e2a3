import { runFiles } from '../core/records/run.ts';
import { RotatedFile } from './rotatedFile.ts';
import type { RotationLimits } from './rotatedFile.ts';

/**
 * What a program prints to both of its streams, in one file, in the order in which it came: as a terminal would show it, and as the
 * readers of consoles want it. A new file is begun only where somebody says so, who has read this one.
 */
export class ConsoleFile {
  /** Bytes so far. */
  total = 0;
  private readonly file: RotatedFile;
  private size = 0;

  constructor(
    folder: () => string,
    private readonly limits: RotationLimits,
  ) {
    this.file = new RotatedFile(folder, runFiles.console, { ...limits, maxBytes: Infinity });
  }

  /** What cannot be written here cannot be in the files of the two streams either, which tell it. */
  append(bytes: Buffer): void {
    this.total += bytes.length;
    try {
      this.file.append(bytes, (count) => (this.size += count));
    } catch {
      // Told elsewhere.
    }
  }

  rotateIfLong(): void {
    if (this.size >= this.limits.maxBytes) this.rotate();
  }

  /** Begins a new file: what a program prints that goes on with a run is not read together with what it printed before. */
  rotate(): void {
    try {
      this.file.rotate();
      this.size = 0;
    } catch {
      // The file goes on growing.
    }
  }

  close(): void {
    this.file.close();
  }
}
