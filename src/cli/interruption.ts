import process from 'node:process';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs `work` while Ctrl-C means something else than the end: the first one calls `onInterrupt`, so that the work can end cleanly,
 * the second one leaves at once.
 */
export async function withInterruption<T>(onInterrupt: () => void, work: () => Promise<T>): Promise<T> {
  let interrupted = false;
  const listener = () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    onInterrupt();
  };
  for (const signal of signals) process.on(signal, listener);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, listener);
  }
}
