import { MarkdownString } from 'vscode';
import { sparkline } from '../../core/inline/sparkline.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { runRow } from './runRow.ts';

/** Everything about a run that fits into a hover. */
export function runTooltip(run: RunOverview): MarkdownString {
  const { record, collapseEvents, detectedStep, note } = run;
  const text = new MarkdownString('', true);
  text.appendMarkdown('**').appendText(`${runName(run)} of ${record.name}`).appendMarkdown('**\n\n').appendText(runRow(run, false).description);
  const collapse = collapseEvents.find(({ type, step }) => step === detectedStep && (type === 'collapse' || type === 'nan'));
  if (collapse) {
    text.appendMarkdown('\n\n$(flame) ').appendText(`Collapsed: began at step ${collapse.onsetStep}, noticed at step ${collapse.step}. ${collapse.message}`);
    text.appendMarkdown('\n\n').appendText(collapse.advice);
  }
  if (note !== null) text.appendMarkdown('\n\n$(info) ').appendText(note);
  if (run.sparkline.length > 1) text.appendMarkdown('\n\nGradient norm ').appendText(sparkline(run.sparkline, 24));
  text.appendMarkdown('\n\n---\n\n');
  for (const [name, value] of details(run)) text.appendMarkdown(`${name}: `).appendText(value).appendMarkdown('  \n');
  return text;
}

function details({ dir, record }: RunOverview): readonly (readonly [name: string, value: string])[] {
  const { engine, device, engineReason, git, createdAt, host, configFile } = record;
  return [
    ['Engine', `${engine} on ${device} (${engineReason})`],
    ['Started', `${new Date(createdAt).toLocaleString()} on ${host}`],
    ['Git', git ? `${git.commit.slice(0, 10)}${git.dirty ? ' with uncommitted changes' : ''}` : 'none'],
    ['Config', configFile ?? 'none'],
    ['Directory', dir],
  ];
}
