import { svg } from './dom.ts';

/** Drawn for a square of 16; one path each, stroked or filled. */
const paths = {
  check: { stroke: 'M3 8.5 6.5 12 13 4.5' },
  warning: { stroke: 'M8 2 15 14H1ZM8 6.5v3.5M8 11.6v.9' },
  error: { stroke: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6' },
  running: { fill: 'M4.5 2.5v11L13 8z' },
  clock: { stroke: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM8 4.5V8l2.5 1.8' },
  stop: { fill: 'M4 4h8v8H4z' },
  question: { stroke: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 11v.9' },
  spike: { stroke: 'M1.5 12h3.6L8 3l2.9 9h3.6' },
  resume: { stroke: 'M3 3v10M6.5 3.2v9.6L13.5 8z' },
  log: { stroke: 'M3 3.5h10M3 6.5h10M3 9.5h7M3 12.5h5' },
  config: { stroke: 'M4 1.8h5.5L13 5.3v8.9H4ZM9.3 1.8v3.7H13' },
  eye: { stroke: 'M1.5 8C3.4 4.9 5.5 3.5 8 3.5s4.6 1.4 6.5 4.5c-1.9 3.1-4 4.5-6.5 4.5S3.4 11.1 1.5 8ZM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z' },
  eyeClosed: { stroke: 'M1.5 6.5c1.9 2.5 4 3.7 6.5 3.7s4.6-1.2 6.5-3.7M4 9.2 2.8 11M8 10.4v2.2M12 9.2l1.2 1.8' },
  close: { stroke: 'M4 4l8 8M12 4l-8 8' },
  more: { fill: 'M2 7h2.4v2.4H2zM6.8 7h2.4v2.4H6.8zM11.6 7H14v2.4h-2.4z' },
  pin: { stroke: 'M5.5 2h5M6.5 2v4.5L4 9.5h8L9.5 6.5V2M8 9.5V14' },
  chevron: { stroke: 'M4 6l4 4 4-4' },
  view: {
    stroke: 'M2 5h7M12.5 5H14M2 11h1.5M7 11h7M9.2 5a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0M3.6 11a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0',
  },
  metrics: { stroke: 'M2 2v12h12M4.5 10.5 7 7l2.5 2L13 4' },
  compare: { stroke: 'M2 2.5h12v11H2ZM8 2.5v11' },
  export: { stroke: 'M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11' },
  zoomOut: { stroke: 'M7 2.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6ZM10.6 10.6 14 14M4.8 7h4.4' },
  enlarge: { stroke: 'M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9' },
  shrink: { stroke: 'M13 7H9V3M9 7l4.5-4.5M3 9h4v4M7 9l-4.5 4.5' },
  ascending: { fill: 'M8 4l4.5 7h-9z' },
  descending: { fill: 'M8 12 3.5 5h9z' },
} as const;

export type IconName = keyof typeof paths;

/** A small picture in the colour of the text around it; what it means must stand beside it in words. */
export function icon(name: IconName): SVGElement {
  const path: { readonly stroke?: string; readonly fill?: string } = paths[name];
  const drawn =
    path.fill !== undefined
      ? svg('path', { d: path.fill, fill: 'currentColor' })
      : svg('path', {
          d: path.stroke ?? '',
          fill: 'none',
          stroke: 'currentColor',
          'stroke-width': 1.3,
          'stroke-linecap': 'round',
          'stroke-linejoin': 'round',
        });
  return svg(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    drawn,
  );
}
