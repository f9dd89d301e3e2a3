import type { Theme } from '../theme.ts';
import { tones } from './coloring.ts';

/** Of the strongest tone; it lies under text. */
const strongest = 0.72;

/** Colours by name of `tone`: blue above 0, orange below, as in most charts of such numbers; told apart by all eyes. */
const hues = { light: { above: [33, 122, 204], below: [214, 110, 20] }, dark: { above: [48, 128, 206], below: [200, 104, 30] } } as const;

type Rgb = readonly [number, number, number];

/** What the tones look like on the theme's ground, for the stylesheet and for canvases. */
export class Tones {
  private colors = new Map<number, Rgb>();

  constructor(private readonly theme: Theme) {
    this.read();
    theme.onChange(() => this.read());
  }

  of(tone: number): Rgb {
    return this.colors.get(tone) ?? [127, 127, 127];
  }

  css(tone: number): string {
    return `rgb(${this.of(tone).join(' ')})`;
  }

  private read(): void {
    const ground = rgbOf(this.theme.colors.background);
    const isDark = ground[0] + ground[1] + ground[2] < 384;
    const { above, below } = hues[isDark ? 'dark' : 'light'];
    const colors = new Map<number, Rgb>();
    for (let tone = -tones; tone <= tones; tone++) {
      const share = (strongest * Math.abs(tone)) / tones;
      const hue = tone < 0 ? below : above;
      colors.set(tone, [0, 1, 2].map((at) => Math.round(ground[at]! * (1 - share) + hue[at]! * share)) as unknown as Rgb);
    }
    this.colors = colors;
    // On the page's own element, not on the root: VS Code writes that one over, and the theme looks there for changes.
    for (const [tone] of colors) document.body.style.setProperty(toneVariable(tone), this.css(tone));
  }
}

/** The variable that `lens.css` colours a token with. */
function toneVariable(tone: number): string {
  return tone < 0 ? `--tone-below-${-tone}` : `--tone-${tone}`;
}

export function toneClass(tone: number): string {
  return tone < 0 ? `tone-below-${-tone}` : `tone-${tone}`;
}

/** Of any CSS colour; black where it is none. */
function rgbOf(color: string): Rgb {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d');
  if (context === null) return [0, 0, 0];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0];
}
