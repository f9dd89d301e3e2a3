import type { LensMessage } from '../../src/core/lens/messages.ts';
import { Frames } from '../chart/frames.ts';
import { KeptState, reportsTo } from '../keptState.ts';
import { Theme } from '../theme.ts';
import '../vscodeApi.ts';
import { parseLensLook, type LensLook } from './lensLook.ts';
import { LensPage } from './lensPage.ts';

const api = acquireVsCodeApi<LensMessage, LensLook>();
const report = reportsTo((message) => api.postMessage({ type: 'error', message }));

/** What the last page of this lens looked like; null where there was none. */
function recall(): LensLook | null {
  const state = api.getState();
  if (state === undefined || state === null) return null;
  const look = parseLensLook(state);
  if (typeof look !== 'string') return look;
  report(new Error(`What the lens looked like cannot be restored: ${look}.`));
  return null;
}

const kept = new KeptState<LensLook>((look) => api.setState(look));
const page = new LensPage(
  { post: (message) => api.postMessage(message), remember: (look) => kept.remember(look) },
  recall(),
  new Theme(),
  new Frames(),
);
document.body.append(page.element);
window.addEventListener('message', (event: MessageEvent<unknown>) => page.receive(event.data));
