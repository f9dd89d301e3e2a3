// A thread that reads rollouts for a token lens, and, as another one, says how noisy a step is: that takes a while, and the trajectories
// are looked at meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import { answerLens } from './lensAnswers.ts';
import type { LensThreadStart } from './lensThread.ts';
import { noiseOf } from './noiseThread.ts';
import type { NoiseThreadStart } from './noiseThread.ts';

const port = parentPort;
if (port === null) throw new Error('This is a worker thread of the extension.');
const start = workerData as LensThreadStart | NoiseThreadStart;
if (start.kind === 'lens') answerLens(start, port, new URL(import.meta.url));
else port.postMessage(await noiseOf(start));
