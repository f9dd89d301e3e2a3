/** How readily a run is called collapsed, and how readily its user is warned. */
export type Sensitivity = 'low' | 'normal' | 'high';

export const sensitivities: readonly Sensitivity[] = ['low', 'normal', 'high'];
export const defaultSensitivity: Sensitivity = 'normal';

/** What a level means to whoever chooses it: in the settings, in configs, and in the help of the command line. Measured as in docs/DETECTOR.md. */
export const sensitivityTexts: Readonly<Record<Sensitivity, string>> = {
  low: 'Fewest false alarms: 88 % of collapses caught, 0 % of healthy runs flagged, 0.02 warnings per 1,000 healthy steps.',
  normal: 'The usual: 97 % of collapses caught, 1 % of healthy runs flagged, 0.04 warnings per 1,000 healthy steps.',
  high: 'Most collapses: 99 % of collapses caught, 6 % of healthy runs flagged, 0.1 warnings per 1,000 healthy steps.',
};

export function isSensitivity(value: unknown): value is Sensitivity {
  return (sensitivities as readonly unknown[]).includes(value);
}

/** How much evidence each level takes, as multiples of the usual. */
export const evidenceTimes: Readonly<Record<Sensitivity, number>> = { low: 1.5, normal: 1, high: 0.7 };
