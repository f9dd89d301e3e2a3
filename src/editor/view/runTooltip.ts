import { MarkdownString } from 'vscode';
import { dateText, integerText } from '../../core/notation.ts';
import { sparkline } from '../../core/inline/sparkline.ts';
import { defaultSensitivity } from '../../core/collapse/sensitivity.ts';
import { laterSurges, laterSurgesText, silenceSentences } from '../../core/records/collapseWords.ts';
import { collapseCall } from '../../core/records/events.ts';
import { runName, runTitle, toldOf } from '../../runs/catalog/runOverview.ts';
import type { ForeignIdentity } from '../../core/records/runIdentity.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { trainedWith } from '../../runs/catalog/trainedWith.ts';
import { markdownText } from './markdownText.ts';
import { runRow } from './runRow.ts';

/** Notes that a hover has room for: the last. */
const mostNotes = 3;

/** Everything about a run that fits into a hover. */
export function runTooltip(run: RunOverview): MarkdownString {
  const { collapseEvents, detectedStep, note, sparkline: norms } = run;
  const parts = [`**${markdownText(runTitle(run))}**`, markdownText(runRow(run, false).description)];
  const collapse = collapseCall(collapseEvents, detectedStep);
  if (collapse) {
    const { onsetStep, step, message, advice } = collapse;
    parts.push(
      `$(flame) ${markdownText(`Collapsed: began at step ${onsetStep}, noticed at step ${step}. ${message}`)}`,
      markdownText(advice),
    );
  }
  const later = laterSurges(collapseEvents, detectedStep);
  if (later.length > 0) parts.push(markdownText(laterSurgesText(collapseEvents, detectedStep)));
  const silence = silenceSentences(toldOf(run));
  if (silence !== '') parts.push(`$(warning) ${markdownText(silence)}`);
  const latest = collapseEvents.at(-1);
  if (latest && latest !== collapse && silence === '' && !later.includes(latest))
    parts.push(markdownText(`Step ${latest.step}: ${latest.message}`));
  for (const { step, text } of run.stepNotes.slice(-mostNotes)) parts.push(`$(note) ${markdownText(`Step ${integerText(step)}: ${text}`)}`);
  if (run.notJudged !== '') parts.push(`$(info) ${markdownText(run.notJudged)}`);
  if (note !== null) parts.push(`$(info) ${markdownText(note)}`);
  if (norms.length > 1) parts.push(`Gradient norm ${sparkline(norms, 24)}`);
  parts.push(
    '---',
    [...labelDetails(run), ...judgementDetails(run), ...details(run)]
      .map(([name, value]) => `${name}: ${markdownText(value)}`)
      .join('  \n'),
  );
  return new MarkdownString(parts.join('\n\n'), true);
}

/** What the files call a run that somebody gave another name, and what it is tagged with. */
function labelDetails({ identity }: RunOverview): readonly (readonly [string, string])[] {
  const { label = {}, ...unnamed } = identity;
  return [
    ...(label.name === undefined ? [] : [['Run', `${runName({ identity: unnamed })} of ${identity.name}`] as const]),
    ...(label.tags === undefined ? [] : [['Tags', label.tags.join(', ')] as const]),
  ];
}

/** How readily it is called collapsed, where that is not as usual. */
function judgementDetails({ identity: { sensitivity = defaultSensitivity } }: RunOverview): readonly (readonly [string, string])[] {
  return sensitivity === defaultSensitivity ? [] : [['Collapse sensitivity', sensitivity]];
}

function details({ dir, identity }: RunOverview): readonly (readonly [name: string, value: string])[] {
  if (identity.kind === 'foreign') return foreignDetails(dir, identity);
  const { git, createdAt, host, configFile } = identity.record;
  return [
    ...(identity.branchedFrom === undefined
      ? []
      : [['Branched from', `${identity.branchedFrom.id} at step ${integerText(identity.branchedFrom.step)}`] as const]),
    ...trainedWith(identity.record),
    ['Started', `${dateText(createdAt, 'whole')} on ${host}`],
    ['Git', git ? `${git.commit.slice(0, 10)}${git.dirty ? ' with uncommitted changes' : ''}` : 'none'],
    ['Config', configFile ?? 'none'],
    ['Directory', dir],
  ];
}

function foreignDetails(dir: string, { title, createdAt, host, metricKeys }: ForeignIdentity): readonly (readonly [string, string])[] {
  return [
    ['Read from', `${title}, ${dir}`],
    ...(createdAt === '' ? [] : [['Started', `${dateText(createdAt, 'whole')}${host === '' ? '' : ` on ${host}`}`] as const]),
    ['Gradient norm', metricKeys.gradNorm ?? 'not logged, or under an unknown name'],
    ['Score', metricKeys.score ?? 'not logged, or under an unknown name'],
  ];
}
