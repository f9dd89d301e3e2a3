import type { TaskConfig, WarmStartConfig } from '../../core/config/config.ts';
import { ledgerTask } from './ledger.ts';
import type { Task } from './task.ts';

/** All that a task is made from; plain data, so that a worker thread can make the same task. */
export interface TaskSpec {
  readonly task: TaskConfig;
  readonly warmStart: WarmStartConfig;
}

/** The task that a config names. */
export function createTask({ task, warmStart }: TaskSpec): Task {
  switch (task.name) {
    case 'ledger':
      return ledgerTask(task, warmStart);
  }
}
