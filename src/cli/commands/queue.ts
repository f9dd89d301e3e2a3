import type { Command } from 'commander';
import { parse } from '../../core/records/json.ts';
import { isTrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import type { CommandContext } from '../context.ts';
import { badInput } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import { exitCodeOf, readOutcome } from '../outcome.ts';
import { ProgressLog } from '../progress/progressLog.ts';
import { Training, plannedRuns } from '../training.ts';

/** `otb queue`: what `otb run --detach` and the editor leave behind; not for people. Trains a plan that it reads from standard input. */
export function registerQueue(program: Command, context: CommandContext): void {
  program.command('queue', { hidden: true }).action(async () => {
    const plan = readPlan(await context.readStdin());
    const runs = plannedRuns(plan);
    const training = new Training(plan, runs, new ProgressLog((line) => context.output.note(line)), context.root);
    await withInterruption(
      () => training.cancel(),
      () => training.run(),
    );
    const outcome = await readOutcome(runs);
    context.exitWith(exitCodeOf(outcome.runs, false));
  });
}

function readPlan(text: string): TrainingPlan {
  const plan = parse(text);
  if (!isTrainingPlan(plan)) throw badInput('standard input holds no plan. Use otb run --detach.');
  return plan;
}
