import { printableLine } from '../../core/printable.ts';

/** Text as Markdown that shows just that. Unlike MarkdownString.appendText it leaves spaces as they are, so that lines break at words. */
export function markdownText(text: string): string {
  const plain = printableLine(text.replaceAll(/\s+/g, ' ')).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return plain.replaceAll(/[\\`*_{}[\]()#+\-!~|>]/g, '\\$&');
}
