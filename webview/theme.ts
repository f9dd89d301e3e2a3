import type { EstimatorStyle } from '../src/core/figure/palette.ts';

type ThemeKind = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** What a chart is drawn with; CSS colours. */
export interface ThemeColors {
  readonly background: string;
  readonly ink: string;
  /** Labels of axes. */
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  readonly crosshair: string;
  /** Of a stretch that is being chosen; translucent. */
  readonly selection: string;
  readonly fontFamily: string;
}

/** The colours of VS Code, as it gives them to a webview: variables on the root element and a class on the body. */
export class Theme {
  readonly #listeners = new Set<() => void>();
  readonly #observer = new MutationObserver(() => this.#read());
  #kind: ThemeKind;
  #colors: ThemeColors;

  constructor() {
    this.#kind = readKind();
    this.#colors = readColors(this.#kind);
    this.#observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
    this.#observer.observe(document.body, { attributes: true, attributeFilter: ['style', 'class', 'data-vscode-theme-id'] });
  }

  /** Whether everything is to be told apart at high contrast. */
  get contrast(): boolean {
    return isContrast(this.#kind);
  }

  get colors(): ThemeColors {
    return this.#colors;
  }

  /** The colour of an estimator on this ground. */
  colorOf(style: EstimatorStyle): string {
    return isDark(this.#kind) ? style.dark : style.light;
  }

  /** Calls back after every change of the theme. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #read(): void {
    const kind = readKind();
    const colors = readColors(kind);
    if (kind === this.#kind && JSON.stringify(colors) === JSON.stringify(this.#colors)) return;
    this.#colors = colors;
    this.#kind = kind;
    for (const listener of this.#listeners) listener();
  }
}

function readKind(): ThemeKind {
  const { classList } = document.body;
  if (classList.contains('vscode-high-contrast-light')) return 'high-contrast-light';
  if (classList.contains('vscode-high-contrast')) return 'high-contrast';
  return classList.contains('vscode-dark') ? 'dark' : 'light';
}

function isDark(kind: ThemeKind): boolean {
  return kind === 'dark' || kind === 'high-contrast';
}

function isContrast(kind: ThemeKind): boolean {
  return kind === 'high-contrast' || kind === 'high-contrast-light';
}

function readColors(kind: ThemeKind): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const dark = isDark(kind);
  const contrast = isContrast(kind);
  const color = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const ink = color('editor-foreground') || color('foreground') || (dark ? '#cccccc' : '#3b3b3b');
  const axis = color('contrastBorder') || faded(ink, 0.35);
  return {
    background: color('editor-background') || (dark ? '#1f1f1f' : '#ffffff'),
    ink,
    muted: contrast ? ink : color('descriptionForeground') || faded(ink, 0.75),
    grid: contrast ? faded(ink, 0.3) : faded(ink, 0.1),
    axis,
    crosshair: contrast ? ink : faded(ink, 0.45),
    selection: contrast ? faded(ink, 0.25) : faded(color('editor-selectionBackground') || ink, 0.4),
    fontFamily: color('font-family') || 'system-ui, sans-serif',
  };
}

/** `share` of the colour over nothing. */
function faded(color: string, share: number): string {
  return `color-mix(in srgb, ${color} ${share * 100}%, transparent)`;
}
