import { realpath } from 'node:fs/promises';

/** Real paths of files, each looked up once and in the background. */
export class RealPaths {
  private readonly known = new Map<string, string>();

  /** @param onFound called when the real path of a file turns out to be another than was said before. */
  constructor(private readonly onFound: () => void) {}

  /** The real path as far as it is known, else the path itself; also where there is no such file. */
  of(file: string): string {
    const known = this.known.get(file);
    if (known !== undefined) return known;
    this.known.set(file, file);
    void this.lookUp(file);
    return file;
  }

  private async lookUp(file: string): Promise<void> {
    const real = await realpath(file).catch(() => file);
    if (real === file) return;
    this.known.set(file, real);
    this.onFound();
  }
}
