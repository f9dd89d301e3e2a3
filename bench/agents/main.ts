// npm run bench:agents -- [--steps N] [--json]: how big an agent's summary of a long run is and how long it takes, through `otb mcp` and a
// client of the protocol's own SDK: cold, the first question to a server that has just started, and warm, each question after that.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles } from '../../src/core/records/run.ts';
import { median } from '../../src/core/statistics/quantiles.ts';
import { McpClient } from '../../test/cli/mcp/mcpClient.ts';
import { writeLongRun } from '../../test/runs/longRun.ts';

const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const repeats = 7;
const below = { bytes: 2000, ms: 200 };

interface Measured {
  readonly question: string;
  readonly bytes: number;
  /** ms, medians */
  readonly cold: number;
  readonly warm: number;
}

const steps = Number(options.steps);
const folder = mkdtempSync(path.join(tmpdir(), 'otb-agents-'));
try {
  const dir = writeLongRun(path.join(folder, '.otb', 'runs'), steps);
  const megabytes = statSync(path.join(dir, runFiles.metrics)).size / 1e6;
  const run = path.basename(dir);
  const measured = [
    await measure('otb_summarize_run', { run }),
    await measure('otb_metrics_around_step', { run, radius: 1000 }),
    await measure('otb_list_runs', {}),
  ];
  if (options.json) console.log(JSON.stringify({ steps, megabytes, repeats, measured }, null, 2));
  else {
    console.log(`A run of ${steps} steps, ${megabytes.toFixed(0)} MB; medians of ${repeats}.`);
    for (const { question, bytes, cold, warm } of measured)
      console.log(`${question}: ${bytes} bytes, ${cold.toFixed(0)} ms as the first question, ${warm.toFixed(1)} ms afterwards`);
    console.log(`Asked for of otb_summarize_run: under ${below.bytes} bytes and ${below.ms} ms.`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(question: string, input: Record<string, unknown>): Promise<Measured> {
  const cold: number[] = [];
  const warm: number[] = [];
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    const client = await McpClient.start([folder]);
    try {
      for (const into of [cold, warm, warm]) {
        const start = performance.now();
        const { text, isError } = await client.call(question, input);
        into.push(performance.now() - start);
        if (isError) throw new Error(text);
        bytes = Math.max(bytes, Buffer.byteLength(text));
      }
    } finally {
      await client.close();
    }
  }
  return { question, bytes, cold: median(cold), warm: median(warm) };
}
