import { setOwn } from '../../../core/records/json.ts';
import type { Glimpse, RunSink } from '../format.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';
import type { TerminalDecoder, TerminalLine } from '../terminalText.ts';

/** Headings of `nemo_rl/algorithms/grpo.py` and its like: "===== Epoch 1/2 =====", "===== Step 3/62 =====". */
const heading = /={5} (Epoch|Step) (\d{1,12})\/(\d{1,12}) ={5}/;
const results = /(?:^|\s)(Training|Validation) Results(?: for `[^`\n]{0,200}` set)?:\s*$/m;
/** A result: "  • Avg Reward: 0.2500", with a unit at most of these. */
const result = /^\s*• ([^:\n]{1,80}): (\S{1,40})(?: (?:tokens|steps))?\s*$/;

/**
 * What NeMo-RL prints of its steps: a block of results behind the heading of each. There is no gradient norm among them; that is in its
 * TensorBoard and W&B files.
 */
export const nemoRlConsole = terminalFormat(
  {
    name: 'nemo-rl-console',
    title: 'console log of NeMo-RL',
    sign: 'headings like "===== Step 3/62 =====", and "• Avg Reward: 0.2500" under "Training Results:"',
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      if (text.includes('\0') || !heading.test(text)) return 0;
      return results.test(text) ? 0.95 : 0.6;
    },
  },
  (sink) => new NemoRlDecoder(sink),
);

class NemoRlDecoder implements TerminalDecoder {
  /** Steps before those of the epoch, whose headings count anew. */
  private base = 0;
  private epoch = 1;
  private step: number | undefined;
  private validationStep: number | undefined;
  /** The results under a heading that may have more of them. */
  private open: { readonly step: number; readonly data: Record<string, number> } | undefined;

  constructor(private readonly sink: RunSink) {}

  take({ text, process }: TerminalLine): void {
    // The driver prints the results.
    if (process !== '') return;
    if (this.open) {
      const [, key, value = ''] = result.exec(text) ?? [];
      const number = pythonNumber(value);
      if (key !== undefined) {
        if (number !== undefined) setOwn(this.open.data, key, number);
        return;
      }
      this.tell();
    }
    const kind = results.exec(text)?.[1];
    if (kind !== undefined) {
      const step = kind === 'Validation' ? (this.validationStep ?? this.step) : this.step;
      if (step !== undefined) this.open = { step, data: {} };
      return;
    }
    this.takeHeading(text);
  }

  takeTorn(): void {}

  settle(isLast: boolean): void {
    if (isLast) this.tell();
  }

  private takeHeading(text: string): void {
    const validation = /Starting validation at step (\d{1,12})\.\.\./.exec(text)?.[1];
    if (validation !== undefined) this.validationStep = Number(validation);
    const [, kind, at, of] = heading.exec(text) ?? [];
    if (kind === 'Epoch') {
      if (Number(at) <= this.epoch) this.base = 0;
      else this.base = this.step ?? Number.NaN;
      this.epoch = Number(at);
      this.step = undefined;
    } else if (kind === 'Step') {
      // A run that was resumed in a later epoch: earlier ones had as many steps as this one.
      if (Number.isNaN(this.base)) this.base = (this.epoch - 1) * Number(of);
      this.step = this.base + Number(at);
      this.validationStep = undefined;
    }
  }

  private tell(): void {
    const { open } = this;
    this.open = undefined;
    if (open && Object.keys(open.data).length > 0) this.sink.metrics([{ step: open.step, time: Number.NaN, data: open.data }]);
  }
}
