import type { Glimpse } from '../format.ts';
import { LabelledDicts } from '../labelledDicts.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';

/** Before a dict that `ConsoleLogger` of `skyrl/train/utils/tracking.py` spreads over the lines that follow. */
const labels = [/(?:^| - )Step (\d{1,15}): ?$/];

const record = /(?:^| - )Step \d{1,15}: ?\r?\n(?:\([^()\n]{0,120}\) ?)?\{'/m;

/** What stands in its other lines. */
const signs = [/\(skyrl_entrypoint pid=\d+/, / \| skyrl(?:_train)?\.[\w.]{1,200}:\w{1,80}:\d+ - /];

/** What SkyRL prints with `trainer.logger=console`: values to four decimals, as strings. */
export const skyrlConsole = terminalFormat(
  {
    name: 'skyrl-console',
    title: 'console log of SkyRL, with trainer.logger=console',
    sign: `a line that ends with "Step 1:", and lines like "{'policy/grad_norm': '0.3100'," behind it`,
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      if (text.includes('\0')) return 0;
      return record.test(text) ? 0.95 : signs.some((sign) => sign.test(text)) ? 0.6 : 0;
    },
  },
  (sink) => new LabelledDicts(sink, labels),
);
