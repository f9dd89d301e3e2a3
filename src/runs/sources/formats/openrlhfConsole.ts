import type { Glimpse } from '../format.ts';
import { LabelledDicts } from '../labelledDicts.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';

/**
 * How OpenRLHF's trainers say of which step a dict is (`trainer/ppo_trainer.py`, `ppo_trainer_async.py`): of training, and of an
 * evaluation, with and without its own process.
 */
const labels = [
  /(?:^|[^\w'"])Global step (\d{1,15})(?: \[\w{1,40}\])?: ?$/,
  /, global_step (\d{1,15}), eval_metrics: ?$/,
  /(?:^|[^\w'"])Eval at step (\d{1,15}): ?$/,
];

const record = /(?:^|[^\w'"])Global step \d{1,15}(?: \[\w{1,40}\])?: ?\{/m;

/** What it prints before its first step: its bar, the file that logs, the names of its processes. */
const signs = [
  /Episode \[\d+\/\d+\]: +\d+%\|/,
  /\bppo_trainer(?:_async)?\.py:\d+\] /,
  /\((?:PPOTrainer|PPOTrainerAsync|GenerateSamplesActor|PolicyModelActor|CriticModelActor|ReferenceModelActor|RolloutRayActor) pid=\d+/,
];

/** What OpenRLHF's trainers of reinforcement learning print, in a terminal of their own or by way of Ray. */
export const openrlhfConsole = terminalFormat(
  {
    name: 'openrlhf-console',
    title: 'console log of OpenRLHF',
    sign: `lines like "Global step 1: {'policy_loss': 0.01, 'actor_grad_norm': 0.31}"`,
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      if (text.includes('\0')) return 0;
      return record.test(text) ? 0.95 : signs.some((sign) => sign.test(text)) ? 0.6 : 0;
    },
  },
  (sink) => new LabelledDicts(sink, labels),
);
