/** How readily a run is called collapsed, and how readily its user is warned. */
export type Sensitivity = 'low' | 'normal' | 'high';

export const sensitivities: readonly Sensitivity[] = ['low', 'normal', 'high'];
export const defaultSensitivity: Sensitivity = 'normal';

/** What a level means to whoever chooses it: in the settings, in configs, and in the help of the command line. */
export const sensitivityTexts: Readonly<Record<Sensitivity, string>> = {
  low: 'Fewest false alarms: … of collapses caught, … of healthy runs flagged, … warnings per 1,000 healthy steps.',
  normal: 'The usual: … of collapses caught, … of healthy runs flagged, … warnings per 1,000 healthy steps.',
  high: 'Most collapses: … of collapses caught, … of healthy runs flagged, … warnings per 1,000 healthy steps.',
};

export function isSensitivity(value: unknown): value is Sensitivity {
  return (sensitivities as readonly unknown[]).includes(value);
}

/** How much evidence each level takes, as multiples of the usual. */
export const evidenceTimes: Readonly<Record<Sensitivity, number>> = { low: 1.5, normal: 1, high: 0.7 };
