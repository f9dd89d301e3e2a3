import path from 'node:path';
import { jsonTexts } from '../../columns/lineShape.ts';
import { isObject, parse } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import type { RunFormat, RunSink } from '../format.ts';
import { documentFormat } from '../jsonDocument.ts';
import type { DocumentContents } from '../jsonDocument.ts';
import { areOfVerl, rowsOf, signOfMetrics } from '../json/rowSigns.ts';
import { StepRows, plausible } from '../json/stepRow.ts';
import { lineFormat } from '../lineFormat.ts';
import type { LineDecoder, ShapedLines } from '../lineFormat.ts';

/** What verl's file logger writes. */
export const verlJsonl: RunFormat = lineFormat(
  {
    name: 'verl-jsonl',
    title: 'JSON lines of verl’s file logger',
    sign: 'lines like {"step":1,"data":{"actor/grad_norm":0.31}}',
    sniff: (look) => (isArray(look.head) ? 0 : areOfVerl(rowsOf(look)) ? 0.95 : 0),
  },
  (sink, file) => {
    // verl names the file after the experiment.
    sink.facts({ name: path.basename(file, '.jsonl') });
    return new JsonLines(sink);
  },
);

/** A JSON object for each step: of Ray Tune, SB3, LLaMA-Factory, ms-swift, W&B's exports, and of loops that people wrote themselves. */
export const jsonl: RunFormat = lineFormat(
  {
    name: 'jsonl',
    title: 'JSON lines, a row for each step',
    sign: 'lines like {"step":1,"loss":0.5}, with numbers, and a step that goes up',
    sniff: (look) => (isArray(look.head) ? 0 : signOfMetrics(rowsOf(look), look)),
  },
  (sink) => new JsonLines(sink),
);

/** The same as one list. */
export const json: RunFormat = documentFormat(
  {
    name: 'json',
    title: 'JSON list of rows, one for each step',
    sign: 'a list like [{"step":1,"loss":0.5}, …], with numbers, and a step that goes up',
    sniff: (look) => (isArray(look.head) ? signOfMetrics(rowsOf(look), look) : 0),
  },
  decodeList,
);

class JsonLines implements LineDecoder {
  readonly shaped: ShapedLines = {
    textsOf: jsonTexts,
    recordOf: (line) => {
      const row = parse(line);
      const { step, time, data } = isObject(row) ? this.rows.plain(row) : nothing;
      return step === undefined || Object.keys(data).length === 0 ? undefined : { step, time, data };
    },
    took: (count, _example, lastStep) => this.rows.took(count, lastStep),
    placeTimes: (times) => times.forEach((time, row) => (times[row] = plausible(time))),
  };
  private readonly rows = new StepRows();

  constructor(private readonly sink: RunSink) {}

  take(lines: readonly string[], number: number): void {
    const records: MetricsRecord[] = [];
    for (const [index, line] of lines.entries()) {
      const record = this.recordOf(line, number + index);
      if (record) records.push(record);
    }
    if (records.length > 0) this.sink.metrics(records);
  }

  takeTorn(line: string, number: number): void {
    // A row that is whole lacks nothing but its newline.
    if (isObject(parse(line))) this.take([line], number);
  }

  private recordOf(line: string, number: number): MetricsRecord | undefined {
    const row = parse(line);
    if (!isObject(row)) {
      if (line.trim() !== '') this.sink.malformed({ line: number, why: row === undefined ? 'it is not JSON' : 'it is not a JSON object' });
      return undefined;
    }
    const record = this.rows.take(row);
    const facts = this.rows.takeFacts();
    if (facts) this.sink.facts(facts);
    return record;
  }
}

const nothing = { step: undefined, time: Number.NaN, data: {} } as const;

function decodeList(document: unknown): DocumentContents | undefined {
  if (!Array.isArray(document)) return undefined;
  const rows = new StepRows();
  const others = document.findIndex((row) => !isObject(row));
  const records = document.filter(isObject).map((row) => rows.take(row));
  return {
    records: records.filter((record) => record !== undefined),
    facts: rows.takeFacts() ?? {},
    notes: others < 0 ? [] : [`Entry ${others + 1} of the list is not a JSON object; such entries were left out.`],
  };
}

function isArray(head: Buffer): boolean {
  return /^\s*\[/.test(head.toString('latin1', 0, 1024).replace(/^\xef\xbb\xbf/, ''));
}
