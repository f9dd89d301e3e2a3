import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Comparison } from '../core/comparison/comparison.ts';
import { renderFigure } from '../core/figure/figure.ts';
import { renderReport } from '../core/report/report.ts';
import type { RunRecord } from '../core/records/run.ts';
import type { CommandContext } from './context.ts';
import { badInput, failed } from './exit.ts';
import { packageVersion } from './packageRoot.ts';

export interface ReportRequest {
  /** The HTML file; the figure goes into an SVG file beside it. */
  readonly file: string;
  readonly title: string;
  readonly comparison: Comparison;
  readonly records: readonly RunRecord[];
}

/** A report file has to end in .html: the figure beside it has the same name with .svg. Throws before anything is computed for it. */
export function reportFile(text: string, cwd: string): string {
  if (!/\.html?$/i.test(text)) throw badInput(`--report ${text}: expected a file name that ends in .html.`);
  return path.resolve(cwd, text);
}

/** Writes the report and its figure; resolves to the names of both files. */
export async function writeReport(
  { file, title, comparison, records }: ReportRequest,
  context: CommandContext,
): Promise<{ readonly html: string; readonly svg: string }> {
  const svg = file.replace(/\.html?$/i, '.svg');
  const report = renderReport({
    title,
    comparison,
    command: context.command,
    createdAt: new Date().toISOString(),
    environment: environment(records, context.root),
  });
  const figure = renderFigure({ title, groups: comparison.groups });
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await Promise.all([writeFile(file, report), writeFile(svg, figure)]);
  } catch (error) {
    throw failed(`the report cannot be written: ${(error as Error).message}`, error);
  }
  return { html: file, svg };
}

function environment(records: readonly RunRecord[], root: string): Record<string, string> {
  const distinct = (value: (record: RunRecord) => string) => [...new Set(records.map(value))].join(', ');
  return {
    otb: packageVersion(root),
    Node: process.versions.node,
    system: `${os.type()} ${os.release()} ${os.arch()}, ${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}`,
    'host of the runs': distinct(({ host }) => host),
    engine: distinct(({ engine, device }) => `${engine} on ${device}`),
    'git commit': distinct(({ git }) => (git === null ? 'none' : `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`)),
  };
}
