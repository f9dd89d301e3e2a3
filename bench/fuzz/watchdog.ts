import { Worker } from 'node:worker_threads';

/** How long an input may take before the process is ended: a hundred times what is too long. */
const patienceMs = 60_000;

/** Runs beside the loop that may be stuck, and cannot be asked any more then. */
const program = `
const { workerData: { state, patienceMs, told } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
let [last, since] = [-1, Date.now()];
setInterval(() => {
  const now = Atomics.load(state, 0);
  if (now !== last) [last, since] = [now, Date.now()];
  else if (now !== 0 && Date.now() - since > patienceMs) {
    writeSync(2, told.replace('INPUT', Atomics.load(state, 2)).replace('TARGET', Atomics.load(state, 1)) + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, 1000);
`;

/** Ends the process where an input never does, and says which it was. */
export class Watchdog {
  /** Inputs so far, which parser, and which of its inputs. */
  private readonly state = new Int32Array(new SharedArrayBuffer(12));
  private readonly worker: Worker;

  constructor(private readonly targets: readonly string[]) {
    const told = `stuck for ${patienceMs / 1000} s at input INPUT of parser TARGET: ${targets.map((name, index) => `${index} is "${name}"`).join(', ')}`;
    this.worker = new Worker(program, { eval: true, workerData: { state: this.state, patienceMs, told } });
    this.worker.unref();
  }

  begin(target: string, input: number): void {
    Atomics.store(this.state, 1, this.targets.indexOf(target));
    Atomics.store(this.state, 2, input);
    Atomics.add(this.state, 0, 1);
  }

  end(): void {
    void this.worker.terminate();
  }
}
