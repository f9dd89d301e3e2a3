/** What `${…}` may stand for in a command. `env:NAME` is a variable of the environment. */
const variableNames = ['estimator', 'seed', 'name', 'runDir', 'gpus', 'python', 'resume'] as const;
type VariableName = (typeof variableNames)[number];

/** The values of all variables but `${resume}` and those of the environment. */
export type CommandVariables = Readonly<Record<Exclude<VariableName, 'resume'>, string>>;

/** A variable that is not known, or not where it may be. */
export interface TemplateProblem {
  readonly message: string;
  readonly remedy: string;
}

const variable = /\$\$\{|\$\{([^}]*)\}/g;
const environment = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;
/** An argument that is this and nothing else becomes as many arguments as the config has for it. */
const resumeArgument = '${resume}';

/** What is wrong with the variables of a text; none: nothing. `${resume}` is an argument of its own, or in none. */
export function templateProblems(text: string, isArgument = false): readonly TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  for (const [found, name] of text.matchAll(variable)) {
    if (name === undefined || environment.test(name)) continue;
    if (name === 'resume') {
      if (isArgument && text === resumeArgument) continue;
      problems.push({
        message: `${found} stands within ${JSON.stringify(text)}, but it becomes whole arguments`,
        remedy: `Make "${resumeArgument}" an argument of its own in "command".`,
      });
    } else if (!isVariable(name)) {
      problems.push({
        message: `${found} is not known`,
        remedy: `Known: ${variableNames.map((known) => `\${${known}}`).join(', ')} and \${env:NAME}. For a plain "\${" write "$\${".`,
      });
    }
  }
  return problems;
}

/** The variables of the environment that a text names. */
export function environmentNames(text: string): readonly string[] {
  return [...text.matchAll(variable)].flatMap(([, name]) => environment.exec(name ?? '')?.[1] ?? []);
}

/**
 * A text with its variables replaced. Those of the environment stay as they are where `env` is left out, as in everything that is
 * written down; one that is not set is empty.
 */
export function filledIn(text: string, variables: CommandVariables, env?: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(variable, (found: string, name: string | undefined) => {
    if (name === undefined) return env ? '${' : found;
    const [, ofEnvironment] = environment.exec(name) ?? [];
    if (ofEnvironment !== undefined) return env ? (env[ofEnvironment] ?? '') : found;
    return isVariable(name) && name !== 'resume' ? variables[name] : found;
  });
}

/** The arguments of a command as it is started, or with `isResumed` started again; `env` as for `filledIn`. */
export function commandLine(
  { command, resume }: { readonly command: readonly string[]; readonly resume: readonly string[] | null },
  variables: CommandVariables,
  isResumed: boolean,
  env?: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const more = isResumed ? (resume ?? []) : [];
  const whole = command.includes(resumeArgument) ? command : [...command, resumeArgument];
  return whole
    .flatMap((argument) => (argument === resumeArgument ? more : [argument]))
    .map((argument) => filledIn(argument, variables, env));
}

const branchVariable = /\$\$\{|\$\{(checkpoint|step)\}/g;

/** The arguments by which a program goes on from a checkpoint of another run, with what only they know: the rest is filled in as in a command. */
export function branchArguments(
  texts: readonly string[],
  { checkpoint, step }: { readonly checkpoint: string; readonly step: number },
): string[] {
  // A path may look like a variable.
  const values = { checkpoint: checkpoint.replaceAll('${', '$${'), step: String(step) };
  return texts.map((text) =>
    text.replaceAll(branchVariable, (found: string, name: keyof typeof values | undefined) => (name === undefined ? found : values[name])),
  );
}

/** Whether an environment variable is a secret, by its name. */
export function isSecret(name: string): boolean {
  return /_(?:TOKEN|KEY|SECRET|PASSWORD)$/i.test(name);
}

function isVariable(name: string): name is VariableName {
  return (variableNames as readonly string[]).includes(name);
}
