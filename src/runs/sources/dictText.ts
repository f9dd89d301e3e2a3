import { dictStart, pythonDict } from './pythonDict.ts';
import type { PythonDict } from './pythonDict.ts';
import { pythonNumber } from './pythonNumber.ts';
import type { TerminalLine } from './terminalText.ts';

/** A dict that a program printed. */
export interface PrintedDict {
  readonly values: PythonDict['values'];
  /** Line in which it begins, from 1. */
  readonly number: number;
  /** Who printed it, as `TerminalLine` says. */
  readonly process: string;
  /** What stands before it in its line, behind the dict before it. */
  readonly before: string;
  /** Key of the value in which it is cut off; undefined: it is whole, or is cut off between two values. */
  readonly cutKey: string | undefined;
  /** Whether it is cut off. */
  readonly isCut: boolean;
}

export interface DictListener {
  /** Whether a dict behind this text of its line is of interest; left out: all are. Others are text. */
  mayBegin?(before: string, process: string): boolean;
  /** The next dict. */
  dict(dict: PrintedDict): void;
  /** Text between dicts. */
  text(text: string): void;
}

/** A dict that goes on for longer than this is none: wrapped at 40 columns it would have a thousand metrics. */
const longest = { characters: 1 << 16, lines: 400 } as const;

interface OpenDict {
  text: string;
  lines: number;
  readonly number: number;
  readonly before: string;
  readonly process: string;
}

/**
 * Finds the dicts in what a program printed: behind other text, several on a line, or one broken over lines by a terminal, in the
 * middle of a key or of a number, with progress bars between the pieces.
 */
export class DictText {
  private open: OpenDict | undefined;

  constructor(
    private readonly listener: DictListener,
    /** Whether a dict with this key may be of interest, so that its other half is worth waiting for. */
    private readonly isSign: (key: string) => boolean,
  ) {}

  /** Whether a dict goes on beyond what came so far. */
  get isOpen(): boolean {
    return this.open !== undefined;
  }

  take(line: TerminalLine): void {
    if (this.open && this.open.process === line.process) this.goOn(this.open, line);
    else this.scan(line, line.text);
  }

  /** There will be no more: what is open is cut off. */
  end(): void {
    const { open } = this;
    this.open = undefined;
    if (open) this.tellCut(open);
  }

  private goOn(open: OpenDict, line: TerminalLine): void {
    const { text } = line;
    if (text.trim() === '' || isBar(text)) {
      this.listener.text(text);
      return;
    }
    if (this.beginsAnother(text, open.process) || open.lines >= longest.lines || open.text.length + text.length > longest.characters) {
      this.end();
      this.scan(line, text);
      return;
    }
    open.text += text;
    open.lines++;
    if (!text.includes('}')) {
      if (line.isCut) this.end();
      return;
    }
    const dict = pythonDict(open.text, 0);
    if (dict.state === 'open') return;
    this.open = undefined;
    const { number, before, process } = open;
    this.listener.dict({
      values: dict.values,
      number,
      process,
      before,
      cutKey: dict.state === 'broken' ? dict.lastKey : undefined,
      isCut: dict.state === 'broken',
    });
    if (dict.state === 'whole') this.scan(line, open.text.slice(dict.end));
  }

  /** Whether a line that comes while a dict is open has one of its own, so that the open one cannot go on in it. */
  private beginsAnother(text: string, process: string): boolean {
    const start = dictStart(text, 0);
    if (start < 0) return false;
    const before = text.slice(0, start);
    if (before.trim() === '' || this.listener.mayBegin?.(before, process) === true) return true;
    const { state, values } = pythonDict(text, start);
    return state === 'whole' && [...values.keys()].some((key) => this.isSign(key));
  }

  private scan(line: TerminalLine, text: string): void {
    const { number, process } = line;
    let from = 0;
    let at = 0;
    for (let start = dictStart(text, 0); start >= 0; start = dictStart(text, at)) {
      const before = text.slice(from, start);
      if (this.listener.mayBegin?.(before, process) === false) {
        at = start + 1;
        continue;
      }
      if (before !== '') this.listener.text(before);
      const dict = pythonDict(text, start);
      const { values } = dict;
      if (dict.state === 'whole') this.listener.dict({ values, number, process, before, cutKey: undefined, isCut: false });
      else if (dict.state === 'open') {
        if (!this.mayMatter(dict)) return;
        this.end();
        this.open = { text: text.slice(start), lines: 1, number, before, process };
        if (line.isCut) this.end();
        return;
      }
      // What is no dict is not looked into again: the time would grow with its depth.
      from = at = Math.max(dict.end, start + 1);
    }
    const rest = text.slice(from);
    if (rest !== '') this.listener.text(rest);
  }

  /** A dict of metrics begins with one that is known, or with numbers. */
  private mayMatter({ values, lastKey }: PythonDict): boolean {
    if (values.size === 0) return lastKey !== undefined && this.isSign(lastKey);
    return [...values].every(([key, text]) => this.isSign(key) || pythonNumber(text) !== undefined);
  }

  private tellCut({ text, number, process, before }: OpenDict): void {
    const { values, lastKey } = pythonDict(text, 0);
    this.listener.dict({ values, number, process, before, cutKey: lastKey, isCut: true });
  }
}

/** Whether a text is a progress bar of tqdm and nothing else. */
function isBar(text: string): boolean {
  return text.includes('%|') && /^\s*(?:[^'"{}]{0,80}: *)?\d{1,3}%\|/.test(text);
}
