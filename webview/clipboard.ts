import { html } from './dom.ts';

/** Copies a text; false: neither way is allowed here. `place`: an element in the page that may hold the text for a moment. */
export async function copyText(text: string, place: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The page has no focus, or must not write there: as a selection it may.
    const area = html('textarea', { class: 'copied-text', 'aria-hidden': 'true' });
    area.value = text;
    place.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
