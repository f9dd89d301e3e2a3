import type { MessagePort } from 'node:worker_threads';
import type { LensHostMessage } from '../../core/lens/messages.ts';
import { LensReader } from './lensReader.ts';
import type { LensAsk, LensThreadStart } from './lensThread.ts';
import { NoiseThreads } from './noiseThread.ts';
import { openRollouts } from './openRollouts.ts';
import { placeText } from './rolloutSource.ts';

/** The life of the thread of a lens. */
export function answerLens({ place }: LensThreadStart, port: MessagePort, workerFile: URL): void {
  const source = openRollouts(place);
  const noises = new NoiseThreads(place, workerFile);
  const post = (message: LensHostMessage): void => port.postMessage(message);
  const noise = noises.report.bind(noises);
  const reader = new LensReader({ source, place: placeText(place), post, noise });
  port.on('message', (ask: LensAsk) => {
    switch (ask.type) {
      case 'look':
        void reader.look(ask.again);
        break;
      case 'show':
        noises.stop();
        void (ask.step === null ? reader.showLast() : reader.show(ask.step));
        break;
      case 'want':
        reader.want(ask.step, ask.sequences);
        break;
      case 'search':
        reader.search(ask.step, ask.text);
        break;
    }
  });
}
