import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import type { CollapseDetectorOptions } from '../../src/core/collapse/options.ts';
import { isCollapse } from '../../src/core/records/events.ts';
import type { CollapseState } from '../../src/core/records/events.ts';
import type { AlarmRule, LabelledRun } from './labelledRun.ts';

/** What was said of a run. */
export interface Verdict {
  /** Steps of all alarms in order; of the first one, where it says that what led to it began, null: it does not say. */
  readonly alarms: readonly number[];
  readonly onset: number | null;
  /** Steps of `unstable` events. */
  readonly warnings: readonly number[];
  /** Steps of `spike` events. */
  readonly spikes: readonly number[];
  /** null: there are no states. */
  readonly finalState: CollapseState | null;
}

/** Something that is fed a run and says what it thinks of it. */
export interface Judge {
  readonly name: string;
  judge(run: LabelledRun): Verdict;
  /** Takes the steps of one run and says nothing, to be timed. */
  start(): (step: number, data: Readonly<Record<string, number>>) => void;
}

/** The collapse detector with some options; a fresh one for each run. */
export function detectorJudge(name: string, options: CollapseDetectorOptions): Judge {
  return {
    name,
    judge: ({ steps }) => {
      const detector = createCollapseDetector(options);
      const [alarms, warnings, spikes]: [number[], number[], number[]] = [[], [], []];
      let onset: number | null = null;
      for (const { step, data } of steps) {
        for (const event of detector.update(step, data)) {
          if (isCollapse(event)) {
            if (alarms.length === 0) onset = event.onsetStep;
            alarms.push(step);
          } else if (event.type === 'unstable') warnings.push(step);
          else if (event.type === 'spike') spikes.push(step);
        }
      }
      return { alarms, onset, warnings, spikes, finalState: detector.state };
    },
    start: () => {
      const detector = createCollapseDetector(options);
      return (step, data) => void detector.update(step, data);
    },
  };
}

/** A rule of others, whose alarms are all that it says. */
export function ruleJudge(rule: AlarmRule): Judge {
  return {
    name: rule.name,
    judge: ({ steps }) => {
      const alarms = rule.create();
      return {
        alarms: steps.flatMap(({ step, data }) => (alarms(step, data) ? [step] : [])),
        onset: null,
        warnings: [],
        spikes: [],
        finalState: null,
      };
    },
    start: () => rule.create(),
  };
}
