import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { AlarmRule } from '../labelledRun.ts';

/** What a rule sees of a step: the gradient norm, a finite number, and the score where the step has one. */
export interface Reading {
  readonly norm: number;
  readonly score: number | undefined;
}

/**
 * A rule about numbers as an alarm rule. A norm or score that was a number and is none any more alarms whoever looks at it, so it does with every
 * rule, and the rule itself never sees it; a step without a norm alarms nobody.
 */
export function alarmRule(name: string, source: string, create: () => (reading: Reading) => boolean): AlarmRule {
  return {
    name,
    source,
    create: () => {
      const alarms = create();
      let scoresInRow = 0;
      return (_, data) => {
        const norm = data[metricNames.gradNorm];
        const score = data[metricNames.score];
        // Tables write NaN where a step has no score: only a score that came step after step is missed.
        const scoreIsLost = score !== undefined && !Number.isFinite(score) && scoresInRow >= 10;
        scoresInRow = score !== undefined && Number.isFinite(score) ? scoresInRow + 1 : 0;
        if (norm !== undefined && !Number.isFinite(norm)) return true;
        const said = norm !== undefined && alarms({ norm, score: scoresInRow > 0 ? score : undefined });
        return said || scoreIsLost;
      };
    },
  };
}
