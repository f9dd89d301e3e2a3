// The page of bench/lensFrames.mjs: how long a token lens takes to open a large step, and its frames while it is scrolled.
import type { LensHostMessage, LensRow } from '../../src/core/lens/messages.ts';
import { Random } from '../../src/core/random.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import { Frames } from '../chart/frames.ts';
import { LensPage } from '../lens/lensPage.ts';
import { Theme } from '../theme.ts';

export interface LensCost {
  readonly name: string;
  /** Milliseconds; null: it is not about frames. */
  readonly median: number | null;
  readonly longest: number;
}

const size = { trajectories: 128, group: 16, tokens: 8192 };
const words = ['<call>', ' sum', ' of', ' 12', ' and', '</call>', ' so', ' the', ' answer', ' is', ' 19', '\n'];

function trajectoryOf(sequence: number): Trajectory {
  const random = new Random(sequence + 1);
  const length = sequence % size.group === 0 ? size.tokens : Math.floor(size.tokens * (0.5 + 0.5 * random.uniform()));
  const column = (): Float32Array => Float32Array.from({ length }, () => random.uniform() - 0.5);
  return {
    sequence,
    group: Math.floor(sequence / size.group),
    prompt: ['What is 12 plus 7?'],
    response: Array.from({ length }, () => words[Math.floor(random.uniform() * words.length)] ?? ''),
    isTokenized: true,
    mask: Uint8Array.from({ length }, (_, token) => (token % 40 < 34 ? 1 : 0)),
    reward: random.uniform(),
    turns: Math.ceil(length / 40),
    truncated: length === size.tokens,
    logProbs: column(),
    sumPiSquared: column(),
    tokenEnergy: column(),
    accumulatedEnergy: column(),
    advantages: { tir_optimal_token_baseline: column(), dr_grpo: 0.5 },
    baselines: { tir_optimal_token_baseline: column(), dr_grpo: 0.25 },
    facts: {},
  };
}

function rowOf({ sequence, group, reward, turns, truncated, response }: Trajectory): LensRow {
  const shared = { sequence, group, reward, turns, truncated, tokens: response.length, actions: response.length, facts: {} };
  const texts = { promptStart: 'What is', responseStart: response.slice(0, 30).join(''), characters: 4 * response.length };
  return { ...shared, ...texts, energy: 100, largestAdvantage: { tir_optimal_token_baseline: 0.5, dr_grpo: 0.5 } };
}

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** Times from frame to frame while something is done in each; a browser without anything to do has 16.7 ms. */
async function frames(name: string, count: number, act: (index: number) => void): Promise<LensCost> {
  const times: number[] = [];
  let before = await frame();
  for (let index = 0; index < count; index++) {
    act(index);
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  times.sort((a, b) => a - b);
  return { name, median: times[times.length >> 1] ?? 0, longest: times.at(-1) ?? 0 };
}

async function settled(): Promise<void> {
  for (let index = 0; index < 5; index++) await frame();
}

function scroller(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`There is no ${selector}.`);
  return element;
}

async function lensCosts(): Promise<LensCost[]> {
  const trajectories = Array.from({ length: size.trajectories }, (_, sequence) => trajectoryOf(sequence));
  const page: LensPage = new LensPage(
    {
      remember: () => undefined,
      post: (message) => {
        if (message.type !== 'want') return;
        // As it would arrive: copied.
        const wanted = structuredClone(trajectories.filter(({ sequence }) => message.sequences.includes(sequence)));
        queueMicrotask(() => page.receive({ type: 'trajectories', step: message.step, trajectories: wanted }));
      },
    },
    null,
    new Theme(),
    new Frames(),
  );
  document.body.append(page.element);
  const tell = (message: LensHostMessage): void => page.receive(message);
  const start = performance.now();
  tell({ type: 'source', name: 'run', estimator: 'tir_optimal_token_baseline', steps: [1, 2] });
  tell({ type: 'step', step: 1 });
  tell({ type: 'rows', step: 1, rows: trajectories.map(rowOf), isComplete: true });
  while (document.querySelector('.token') === null || document.querySelectorAll('.row').length === 0) await frame();
  await frame();
  const costs: LensCost[] = [{ name: 'A step of 128 × 8,192 opens', median: null, longest: performance.now() - start }];
  await settled();
  const text = scroller('.text-scroll');
  costs.push(await frames('Text, scrolled by 400 pixels a frame', 120, () => (text.scrollTop += 400)));
  costs.push(await frames('Text, jumps', 60, (index) => (text.scrollTop = (text.scrollHeight * ((index * 37) % 60)) / 60)));
  const list = scroller('.list-scroll');
  costs.push(await frames('List, scrolled by 200 pixels a frame', 60, (index) => (list.scrollTop = (index % 30) * 200)));
  costs.push(await frames('Strip chart, the pointer moves', 60, (index) => movePointer('.strip', index / 60)));
  costs.push(await frames('Another trajectory each frame', 40, () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }))));
  scroller('#tab-group').click();
  while (document.querySelector<HTMLElement>('.group-view')?.hidden !== false) await frame();
  await settled();
  costs.push(await frames('Group of 16, the pointer moves', 60, (index) => movePointer('.group-scroll', 0.1 + (0.9 * index) / 60)));
  scroller('[data-pixels="6"]').click();
  await settled();
  const group = scroller('.group-scroll');
  costs.push(await frames('Group of 16 at 6 pixels a token, scrolled', 90, () => (group.scrollLeft += 300)));
  return costs;
}

function movePointer(selector: string, share: number): void {
  const element = scroller(selector);
  const { left, top, width } = element.getBoundingClientRect();
  element.dispatchEvent(new PointerEvent('pointermove', { clientX: left + share * width, clientY: top + 60, bubbles: true }));
}

Object.assign(globalThis, { lensCosts });
