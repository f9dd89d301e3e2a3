/** How readily a run is called collapsed, and how readily its user is warned. */
export type Sensitivity = 'low' | 'normal' | 'high';

export const sensitivities: readonly Sensitivity[] = ['low', 'normal', 'high'];
export const defaultSensitivity: Sensitivity = 'normal';
