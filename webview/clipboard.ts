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

/** Copies a PNG, which may still be drawn: a browser lets a page write only soon after a click. False: it is not allowed here. */
export async function copyPicture(drawn: Promise<Uint8Array<ArrayBuffer>>): Promise<boolean> {
  const type = 'image/png';
  try {
    const blob = drawn.then((bytes) => new Blob([bytes], { type }));
    await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
    return true;
  } catch {
    return false;
  }
}
