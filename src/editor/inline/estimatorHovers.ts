import { ColorThemeKind, Hover, MarkdownString, Range, languages, window } from 'vscode';
import type { CancellationToken, HoverProvider, LogOutputChannel, Position, TextDocument } from 'vscode';
import { renderRunPicture } from '../../core/inline/runPicture.ts';
import type { PicturedRun } from '../../core/inline/runPicture.ts';
import { tableCurve } from '../../core/comparison/tableCurve.ts';
import type { OwnRun } from '../../runs/catalog/runOverview.ts';
import { commandLink, definitionMarkdown, pictureMarkdown, runsMarkdown } from '../../runs/inline/estimatorMarkdown.ts';
import { Disposables } from '../disposable.ts';
import type { GroupNode } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import { rangeOf } from './runDocuments.ts';
import type { RunDocuments } from './runDocuments.ts';

/** Most runs of an estimator in the table and in the picture. */
const mostRuns = 10;

const commands = { panel: 'otb.openPanel', compare: 'otb.compareRuns' } as const;

/** What an estimator is, with numbers and a picture of its latest runs, where the pointer rests on it. */
export class EstimatorHovers extends Disposables implements HoverProvider {
  constructor(
    private readonly documents: RunDocuments,
    private readonly runs: WorkspaceRuns,
    private readonly settings: Settings,
    private readonly log: LogOutputChannel,
  ) {
    super();
    this.register(documents.provide((selector) => languages.registerHoverProvider(selector, this)));
  }

  async provideHover(document: TextDocument, position: Position, token: CancellationToken): Promise<Hover | undefined> {
    if (!this.settings.get('inline.hover')) return undefined;
    const at = new Range(position, position);
    const [first, ...others] = this.documents
      .estimators(document)
      .filter(({ span }) => rangeOf(document, span).intersection(at) !== undefined);
    if (!first) return undefined;
    const paragraphs: string[] = [];
    for (const { name } of [first, ...others]) paragraphs.push(...(await this.describe(document, name, token)));
    if (token.isCancellationRequested) return undefined;
    const text = new MarkdownString(paragraphs.join('\n\n'));
    text.isTrusted = { enabledCommands: Object.values(commands) };
    return new Hover(text, rangeOf(document, first.span));
  }

  private async describe(document: TextDocument, estimator: string, token: CancellationToken): Promise<readonly string[]> {
    const definition = definitionMarkdown(estimator);
    const runs = this.documents.runsOf(document);
    const group = runs.groupOf(estimator);
    if (!group) return [definition];
    const latest = runs.latestOf(estimator);
    const pictured = await this.load(latest.slice(0, mostRuns), token);
    const node: GroupNode = { kind: 'group', runsDir: group.runsDir, group: group.group };
    const links = [
      commandLink('Show panel', commands.panel, node),
      ...(group.runs.length > 1 ? [commandLink('Compare', commands.compare, node)] : []),
    ];
    // A hover is about as high as these without the table, and scrolls.
    return [definition, picture(estimator, pictured), links.join(' · '), runsMarkdown(latest, mostRuns)];
  }

  /** Reads the metrics of runs, and lets go of them again. A run that cannot be read has no line. */
  private async load(runs: readonly OwnRun[], token: CancellationToken): Promise<readonly PicturedRun[]> {
    const cancelled = new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()));
    const loaded = runs.map(async ({ dir, identity, onsetStep }): Promise<PicturedRun[]> => {
      try {
        const opened = this.runs.openMetrics(dir, () => undefined);
        try {
          await Promise.race([opened.caughtUp, cancelled]);
          return token.isCancellationRequested
            ? []
            : [{ seed: identity.seed, onsetStep, curve: tableCurve(opened.table, identity.metricKeys) }];
        } finally {
          opened.close();
        }
      } catch (error) {
        this.log.warn(`The metrics of ${dir} could not be read for a hover: ${String(error)}`);
        return [];
      }
    });
    return (await Promise.all(loaded)).flat();
  }
}

function picture(estimator: string, runs: readonly PicturedRun[]): string {
  const { kind } = window.activeColorTheme;
  const theme = kind === ColorThemeKind.Dark || kind === ColorThemeKind.HighContrast ? 'dark' : 'light';
  return pictureMarkdown(renderRunPicture({ estimator, runs, theme }), `Gradient norm and score of ${estimator}`);
}
