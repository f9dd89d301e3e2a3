import { availableParallelism } from 'node:os';
import { Hover, MarkdownString, languages } from 'vscode';
import type { HoverProvider, Position, TextDocument } from 'vscode';
import { torchAdvice } from '../../core/growth/torchAdvice.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import { markdownText } from '../view/markdownText.ts';
import { Disposables } from '../disposable.ts';
import type { Settings } from '../settings.ts';
import { configSelector } from './configSelector.ts';
import { rangeOf } from './runDocuments.ts';
import type { RunDocuments } from './runDocuments.ts';

/** How PyTorch would do at the size of a config, where the pointer rests on its policy or on its trainer. */
export class PolicySizeHovers extends Disposables implements HoverProvider {
  constructor(
    private readonly documents: RunDocuments,
    private readonly settings: Settings,
  ) {
    super();
    this.register(languages.registerHoverProvider(configSelector, this));
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const outline = this.documents.outline(document);
    if (!this.settings.get('inline.hover') || !(outline instanceof ConfigOutline) || !outline.config) return undefined;
    const spans = (['policy', 'trainer'] as const).flatMap((key) => [outline.keySpan([key]) ?? [], outline.span([key]) ?? []].flat());
    const range = spans.map((span) => rangeOf(document, span)).find((each) => each.contains(position));
    const advice = range && torchAdvice(outline.config, availableParallelism());
    return advice ? new Hover(new MarkdownString(markdownText(advice.text)), range) : undefined;
  }
}
