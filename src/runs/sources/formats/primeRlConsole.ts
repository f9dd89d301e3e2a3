import { setOwn } from '../../../core/records/json.ts';
import type { Glimpse, RunSink } from '../format.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';
import type { TerminalDecoder, TerminalLine } from '../terminalText.ts';

/**
 * A step of the trainer or of the orchestrator (`prime_rl/trainer/rl/train.py`, `trainer/sft/train.py`, `orchestrator/orchestrator.py`):
 * "12:00:00 SUCCESS Step 3 |   1.23s | Loss 0.0123 | Entropy 0.5000 | Grad. Norm 0.3100 | LR 1.00e-06 | Throughput 900 tokens/s".
 */
const record = /(?:^|\s)SUCCESS (?:\[[^\]\n]{1,80}\] )?Step (\d{1,15}) \| +\d[\d.dhms ]{0,20} \| /m;

/** What prime-rl prints of its steps. Percentages and shares, such as "MFU 12.3%" and "Trainable 3/4", are left out. */
export const primeRlConsole = terminalFormat(
  {
    name: 'prime-rl-console',
    title: 'console log of prime-rl',
    sign: 'lines like "SUCCESS Step 3 | 1.23s | Loss 0.0123 | Grad. Norm 0.3100"',
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      return record.test(text) && !text.includes('\0') ? 0.95 : 0;
    },
  },
  (sink) => new PrimeRlDecoder(sink),
);

class PrimeRlDecoder implements TerminalDecoder {
  constructor(private readonly sink: RunSink) {}

  take({ text, number, isCut }: TerminalLine): void {
    const found = record.exec(text);
    if (!found) return;
    const parts = text.slice(found.index + found[0].length).split(' | ');
    if (isCut) {
      this.sink.malformed({ line: number, why: 'the record is cut off' });
      parts.pop();
    }
    this.tell(Number(found[1]), parts);
  }

  takeTorn({ text }: TerminalLine): void {
    const found = record.exec(text);
    // The last value may lack digits.
    if (found)
      this.tell(
        Number(found[1]),
        text
          .slice(found.index + found[0].length)
          .split(' | ')
          .slice(0, -1),
      );
  }

  private tell(step: number, parts: readonly string[]): void {
    const data: Record<string, number> = {};
    for (const part of parts) {
      const [, key = '', text = ''] = /^(\D.{0,80}?) (\S{1,40})(?: (?:tokens\/s|GiB))?$/.exec(part.trim()) ?? [];
      const value = pythonNumber(text);
      if (value !== undefined) setOwn(data, key, value);
    }
    if (Object.keys(data).length > 0) this.sink.metrics([{ step, time: Number.NaN, data }]);
  }
}
