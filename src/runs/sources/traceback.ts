import type { SourceEnd } from './format.ts';

/** Characters of an error that are worth showing. */
const mostShown = 500;

/** Finds the error with which a Python process ended, in the lines that it printed. */
export class TracebackReader {
  private readonly within = new Set<string>();

  /** The error that this line of a traceback tells; undefined: none. */
  take(text: string, process: string): SourceEnd | undefined {
    if (text.startsWith('Traceback (most recent call last):')) {
      // A program has few processes that fail; one that names ever new ones shall not fill the memory.
      if (this.within.size < 1000) this.within.add(process);
      return undefined;
    }
    // The frames of a traceback are indented; its last line is not, and begins with the class of the error.
    if (!this.within.has(process) || text.trim() === '' || /^\s/.test(text)) return undefined;
    const message = text.trim();
    // What Ray says first is where; the error itself comes behind more frames.
    if (!message.startsWith('ray.exceptions.')) this.within.delete(process);
    if (!/^[A-Za-z_][\w.]*(?:\(\w+\))?(?::|$)/.test(message)) return undefined;
    return { state: message.startsWith('KeyboardInterrupt') ? 'stopped' : 'failed', message: message.slice(0, mostShown) };
  }
}
