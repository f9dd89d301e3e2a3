import { quantityText, scoreText } from '../../core/notation.ts';
import { printableLine } from '../../core/printable.ts';
import { estimatorInfos, isEstimatorName } from '../../core/estimators/registry.ts';
import { estimatorPapers } from '../../core/inline/estimatorPapers.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import { stateText } from './runSentences.ts';

/** What the estimator is, in a sentence with its formula and where that comes from; a name of the user's own program stands alone. */
export function definitionMarkdown(estimator: string): string {
  if (!isEstimatorName(estimator)) return `\`${printableLine(estimator).replaceAll('`', '')}\``;
  const { description, formula } = estimatorInfos[estimator];
  const { title, url } = estimatorPapers[estimator];
  return `**${estimator.replaceAll('_', '\\_')}** · \`${formula}\` · [${title}](${url})  \n${description}`;
}

/** The numbers of runs of one estimator, a row each. */
export function runsMarkdown(runs: readonly OwnRun[], most: number): string {
  const rows = runs.slice(0, most).map((run) => {
    const { identity, step, score, gradNorm } = run;
    return [
      String(identity.seed),
      stateText(run),
      `${step}/${identity.plannedSteps}`,
      Number.isNaN(score) ? '–' : scoreText(score),
      Number.isNaN(gradNorm) ? '–' : quantityText(gradNorm),
    ];
  });
  // A hover sets its columns close together.
  const line = (cells: readonly string[]): string => `| ${cells.join(' | &emsp;')} |`;
  const lines = [line(['seed', 'state', 'step', 'score', 'gradient norm']), '| --: | :-- | --: | --: | --: |', ...rows.map(line)];
  const rest = runs.length - rows.length;
  return lines.join('\n') + (rest > 0 ? `\n\nand ${rest} more` : '');
}

/** An SVG document as an image in Markdown. */
export function pictureMarkdown(svg: string, description: string): string {
  return `![${printableLine(description).replaceAll(/[[\]\\]/g, '')}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;
}

/** A link that runs a command. */
export function commandLink(title: string, command: string, ...args: readonly unknown[]): string {
  // A bracket in an argument would end the link.
  const encoded = encodeURIComponent(JSON.stringify(args)).replaceAll(/[()']/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `[${title}](command:${command}?${encoded})`;
}
