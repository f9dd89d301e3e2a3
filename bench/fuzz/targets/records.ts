import { formatEvent, parseEvent } from '../../../src/core/records/events.ts';
import { parse, stringify } from '../../../src/core/records/json.ts';
import { formatMetrics, parseMetrics } from '../../../src/core/records/metrics.ts';
import { parseExitRecord, parseRunRecord } from '../../../src/core/records/runRecord.ts';
import type { Random } from '../../../src/core/random.ts';
import { sizeLimits } from '../../../src/runs/directory/regularFile.ts';
import { runRecordText } from '../examples.ts';
import { fullDocument, mutatedText, mutatedValue, pick } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

/** A line of a run's file is not taken for one beyond this. */
const longestLine = 1 << 20;

const metrics = formatMetrics({
  step: 12,
  time: 1_700_000_000.123,
  data: { 'actor/grad_norm': 0.31, 'critic/score/mean': 0.42, 'a b': Number.NaN, __proto__: -1e-7, 'größe/日本': Infinity },
});
const events = [
  { type: 'started', step: 0, time: 1.7e9, data: { pid: 12, processStartTime: 'x', resumed: false } },
  {
    type: 'collapse',
    step: 40,
    time: 1.7e9,
    onsetStep: 31,
    message: 'It rose.',
    advice: 'Lower it.',
    data: { ratio: 12.5, norm: Infinity },
  },
].map((event) => stringify(event));
const exit = stringify({ code: 0, signal: null, lastStep: 600, reason: 'completed', message: 'All 600 steps are done.', time: 1.7e9 });

/** A document of ours with something else in some of its places, as text; now and then no longer JSON. */
function mutatedDocument(random: Random, base: string, most: number): string {
  if (random.chance(0.0005)) return fullDocument(random, most);
  const text = random.chance(0.6) ? stringify(mutatedValue(random, JSON.parse(base) as unknown)) : base;
  return random.chance(0.5) ? mutatedText(random, text ?? '', most) : (text ?? '').slice(0, most);
}

export const recordTargets: readonly FuzzTarget[] = [
  {
    name: 'json',
    weight: 20,
    prepare(random) {
      const text = mutatedDocument(random, pick(random, [metrics, ...events, exit, runRecordText]), longestLine);
      return { size: text.length, run: () => agreesWithJson(text, parse(text)) };
    },
  },
  {
    name: 'metrics.jsonl lines',
    weight: 20,
    prepare(random) {
      const line = mutatedDocument(random, metrics, longestLine);
      return {
        size: line.length,
        run() {
          const record = parseMetrics(line);
          if (record === undefined) return;
          agree(Number.isFinite(record.step) && typeof record.time === 'number', 'a record has a step and a time');
          agree(
            Object.values(record.data).every((value) => typeof value === 'number'),
            'metrics are numbers',
          );
          if (line.length > 4096) return;
          const again = parseMetrics(formatMetrics(record));
          agree(
            again !== undefined && formatMetrics(again) === formatMetrics({ ...record, time: again.time }),
            'a record comes back from its line',
          );
        },
      };
    },
  },
  {
    name: 'events.jsonl lines',
    weight: 12,
    prepare(random) {
      const line = mutatedDocument(random, pick(random, events), longestLine);
      return {
        size: line.length,
        run() {
          const event = parseEvent(line);
          if (event === undefined) return;
          agree(typeof event.type === 'string' && Number.isFinite(event.step), 'an event has a type and a step');
          const again = line.length > 4096 ? event : parseEvent(formatEvent(event));
          agree(again?.type === event.type && again.step === event.step, 'an event comes back from its line');
        },
      };
    },
  },
  {
    name: 'run.json',
    weight: 10,
    prepare(random) {
      const text = mutatedDocument(random, runRecordText, sizeLimits.runRecord);
      return {
        size: text.length,
        run() {
          const record = parseRunRecord(text);
          if (typeof record === 'string') return agree(record.length > 0 && record.length < 4000, 'the complaint is a sentence');
          agree(typeof record.id === 'string' && typeof record.group === 'string' && Number.isFinite(record.seed), 'a run has an identity');
          agree(typeof record.config.steps === 'number' && Array.isArray(record.command), 'a run has a config and a command');
        },
      };
    },
  },
  {
    name: 'exit.json',
    weight: 8,
    prepare(random) {
      const text = mutatedDocument(random, exit, sizeLimits.exitRecord);
      return {
        size: text.length,
        run() {
          const record = parseExitRecord(text);
          agree(record === undefined || typeof record.lastStep === 'number', 'an ending has a last step');
        },
      };
    },
  },
];

/** What JSON.parse can read, short of a thousand levels, ours reads the same; what it cannot, ours reads only for NaN and a mark in front. */
function agreesWithJson(text: string, value: unknown): void {
  if (text.length > 4096) return;
  let expected: unknown;
  try {
    expected = JSON.parse(text) as unknown;
  } catch {
    agree(value === undefined || /NaN|Infinity|^\ufeff/.test(text), 'only NaN, Infinity and a byte order mark are read beyond JSON');
    return;
  }
  agree(JSON.stringify(value) === JSON.stringify(expected), 'JSON is read as JSON.parse does');
}
