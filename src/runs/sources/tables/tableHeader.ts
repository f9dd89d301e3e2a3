/**
 * Names of columns that count the steps, without case, spaces, hyphens and underscores, the more telling first: where a table has several,
 * the others are metrics beside it. Also behind a prefix ("time/total_timesteps" of SB3, "misc/total_timesteps" of Baselines,
 * "trainer/global_step" of Lightning). RLlib and Tune count in "training_iteration", W&B exports "Step", Spinning Up "TotalEnvInteracts".
 */
const stepNames = ['globalstep', 'trainingiteration', 'totaltimesteps', 'timestepstotal', 'totalenvinteracts', 'totalenvsteps'] as const;
/** The same, where they are the whole name: "timing_s/step" is a time. */
const wholeStepNames = [
  'step',
  'steps',
  'totalsteps',
  'trainstep',
  'trainingstep',
  'timesteps',
  'timestep',
  'envstep',
  'envsteps',
] as const;
/** What tables of other kinds have, too. */
const weakStepNames = [
  'iteration',
  'iterations',
  'iter',
  'itr',
  'update',
  'updates',
  'nupdates',
  'episode',
  'episodes',
  'epoch',
  'epochs',
  'index',
  '',
];

/** Columns that tell when a row was written, in seconds since 1970: of Tune, W&B, TensorBoard's export. */
const timeNames = ['timestamp', 'walltime', 'time'];

export interface StepColumn {
  readonly index: number;
  /** Whether only tables of steps have a column of this name. */
  readonly isTelling: boolean;
}

/** The column that counts the steps; undefined: none does by its name. */
export function stepColumn(names: readonly string[]): StepColumn | undefined {
  const plain = names.map(plainName);
  const inFolder = plain.map((name) => /^[^/]*\/([^/]+)$/.exec(name)?.[1] ?? name);
  const [firstOfStrong, ...others] = stepNames;
  const strong = [
    inFolder.indexOf(firstOfStrong),
    ...wholeStepNames.map((name) => plain.indexOf(name)),
    ...others.map((name) => inFolder.indexOf(name)),
  ];
  for (const index of strong) if (index >= 0) return { index, isTelling: true };
  for (const name of weakStepNames) {
    const index = name === '' ? (plain[0] === '' ? 0 : -1) : inFolder.indexOf(name);
    if (index >= 0) return { index, isTelling: false };
  }
  return undefined;
}

/** The column that tells when a row was written; undefined: none does by its name. */
export function timeColumn(names: readonly string[]): number | undefined {
  const plain = names.map(plainName);
  return timeNames.map((name) => plain.indexOf(name)).find((at) => at >= 0);
}

/** Whether a table has a row for each value of each metric, and not one for each step. */
export function isLongForm(names: readonly string[]): boolean {
  const plain = new Set(names.map(plainName));
  return plain.has('value') && ['metric', 'key', 'tag', 'name', 'variable'].some((name) => plain.has(name));
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
}
