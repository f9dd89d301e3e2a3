import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Comparison } from '../core/comparison/comparison.ts';
import { renderFigure } from '../core/figure/figure.ts';
import { renderReport } from '../core/report/report.ts';
import type { RunIdentity } from '../core/records/runIdentity.ts';
import type { CommandContext } from './context.ts';
import { badInput, failed } from './exit.ts';
import { packageVersion } from './packageRoot.ts';

export interface ReportRequest {
  /** The HTML file; the figure goes into an SVG file beside it. */
  readonly file: string;
  readonly title: string;
  readonly comparison: Comparison;
  readonly identities: readonly RunIdentity[];
}

/** A report file has to end in .html: the figure beside it has the same name with .svg. Throws before anything is computed for it. */
export function reportFile(text: string, cwd: string): string {
  if (!/\.html?$/i.test(text)) throw badInput(`--report ${text}: expected a file name that ends in .html.`);
  return path.resolve(cwd, text);
}

/** Writes the report and its figure; resolves to the names of both files. */
export async function writeReport(
  { file, title, comparison, identities }: ReportRequest,
  context: CommandContext,
): Promise<{ readonly html: string; readonly svg: string }> {
  const svg = file.replace(/\.html?$/i, '.svg');
  const report = renderReport({
    title,
    comparison,
    command: context.command,
    createdAt: new Date().toISOString(),
    environment: environment(identities, context.root),
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

function environment(identities: readonly RunIdentity[], root: string): Record<string, string> {
  const distinct = (values: readonly string[]) => [...new Set(values.filter((value) => value !== ''))].join(', ');
  const records = identities.flatMap((identity) => (identity.kind === 'foreign' ? [] : [identity.record]));
  const written = identities.flatMap((identity) => (identity.kind === 'foreign' ? [identity.title] : []));
  return {
    otb: packageVersion(root),
    Node: process.versions.node,
    system: `${os.type()} ${os.release()} ${os.arch()}, ${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}`,
    'host of the runs': distinct(identities.map(({ host }) => host)),
    ...(written.length > 0 && { 'read from': distinct(written) }),
    ...(records.length > 0 && {
      engine: distinct(records.map(({ engine, device }) => (device === '' ? engine : `${engine} on ${device}`))),
      'git commit': distinct(
        records.map(({ git }) => (git === null ? 'none' : `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`)),
      ),
    }),
  };
}
