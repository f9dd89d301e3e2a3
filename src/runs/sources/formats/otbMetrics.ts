import { metricsGrammar } from '../../columns/lineShape.ts';
import { parseMetrics } from '../../../core/records/metrics.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import { lineFormat } from '../lineFormat.ts';
import { metricsFormat } from '../runPlace.ts';

/** A metrics.jsonl of a run directory, taken out of it. */
export const otbMetrics = lineFormat(
  {
    name: metricsFormat,
    title: 'metrics.jsonl of a run directory',
    sign: 'lines such as {"step":1,"time":1700000000.1,"data":{"actor/grad_norm":0.31}}',
    sniff: ({ head }) => {
      const lines = head
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .split('\n', 20);
      const record = lines.map((line) => parseMetrics(line)).find((parsed) => parsed !== undefined);
      return record !== undefined && !Number.isNaN(record.time) ? 0.95 : 0;
    },
  },
  (sink) => ({
    shaped: metricsGrammar,
    take: (lines, number) => {
      const records: MetricsRecord[] = [];
      lines.forEach((line, index) => {
        const record = parseMetrics(line);
        if (record) records.push(record);
        else if (line.trim() !== '') sink.malformed({ line: number + index, why: 'it is not a record of metrics' });
      });
      if (records.length > 0) sink.metrics(records);
    },
  }),
);
