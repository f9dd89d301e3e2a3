import type { Glimpse } from '../format.ts';
import { LabelledDicts } from '../labelledDicts.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';

/**
 * What slime's loggers put before a dict (`slime/backends/megatron_utils/model.py`, `slime/observability/`): the number of an update of
 * the actor or the critic, or that of a rollout. Both begin at 0; they are the same where a rollout is one update.
 */
const labels = [/\.py:\d+ - (?:[a-z]{1,20}-)?(?:step|rollout|perf|eval|passrate|multi_turn) (\d{1,15}): $/];

const record = /\.py:\d+ - (?:[a-z]{1,20}-)?(?:step|rollout|perf|eval|passrate|multi_turn) \d{1,15}: \{'/;

/** What slime prints, by way of Ray. */
export const slimeConsole = terminalFormat(
  {
    name: 'slime-console',
    title: 'console log of slime',
    sign: `lines like "model.py:918 - step 0: {'train/grad_norm': 0.31}"`,
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      return record.test(text) && !text.includes('\0') ? 0.95 : 0;
    },
  },
  (sink) => new LabelledDicts(sink, labels),
);
