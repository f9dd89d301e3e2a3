/** Finished SVG or HTML. Only `element` and `stylesheet` make it, so text can never be taken for markup. */
export interface Markup {
  readonly markup: string;
}

/** Strings are text and are escaped. */
export type Content = Markup | string | readonly Content[];

const voidElements = new Set(['meta', 'br', 'hr', 'col']);

/** An SVG or HTML element; attributes that are undefined are left out. */
export function element(name: string, attributes: Readonly<Record<string, string | number | undefined>>, ...content: Content[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(typeof value === 'number' ? coordinate(value) : String(value))}"`)
    .join('');
  if (voidElements.has(name)) return { markup: `<${name}${written}>` };
  return { markup: `<${name}${written}>${render(content)}</${name}>` };
}

/** A style element. `css` must be the program's own text. */
export function stylesheet(css: string): Markup {
  return { markup: `<style>${css}</style>` };
}

/** Joins parts into one. */
export function fragment(...content: Content[]): Markup {
  return { markup: render(content) };
}

/** Makes any text, control characters included, safe between tags and in double-quoted attributes of XML and HTML. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}

/** A pixel position, to a tenth: no eye sees more, and files stay small. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function render(content: Content): string {
  if (typeof content === 'string') return escapeText(content);
  if ('markup' in content) return content.markup;
  return content.map(render).join('');
}
