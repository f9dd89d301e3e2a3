import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { RunConfig } from '../../../src/core/config/config.ts';
import type { Engine } from '../../../src/trainer/engines/engine.ts';
import { EngineUnusableError, type EngineEntry } from '../../../src/trainer/engines/engineEntry.ts';
import { engines } from '../../../src/trainer/engines/list.ts';
import { createEngine, type EngineChoice } from '../../../src/trainer/engines/selection.ts';
import { wasmRelaxedSimd, wasmSimd } from '../../../src/trainer/engines/wasm/entries.ts';
import { createTask } from '../../../src/trainer/tasks/taskRegistry.ts';
import { tinyRunConfig } from '../tinyRunConfig.ts';
import { dist } from './wasm/tinyEngine.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-selection-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const site = { kernelFolder: dist, workerFile: path.join(dist, 'worker.mjs') };
let caches = 0;
const newCache = (): string => path.join(folder, `cache-${caches++}`);

async function choose(
  asked: string,
  list?: readonly EngineEntry[],
  cacheDir = newCache(),
  change: Partial<RunConfig> = {},
): Promise<Omit<EngineChoice, 'engine'> & { name: string }> {
  const config = { ...tinyRunConfig, ...change };
  const { engine, reason } = await createEngine(asked, { task: createTask(config), config, threads: 1, site, cacheDir }, list);
  await engine.dispose();
  return { name: engine.name, reason };
}

/** An engine under a name of its own that does what `wasm-simd` does, except for what `change` says. */
function fake(
  name: string,
  change: (engine: Engine) => Partial<Engine> = () => ({}),
  more: Partial<EngineEntry> = {},
): EngineEntry & { created: number } {
  const entry = {
    ...wasmSimd,
    name,
    created: 0,
    async create(setup: Parameters<EngineEntry['create']>[0]): Promise<Engine> {
      entry.created++;
      const engine = await wasmSimd.create(setup);
      const changed: Partial<Engine> = { name, ...change(engine) };
      return new Proxy(engine, {
        get(target, key) {
          const value: unknown = Object.hasOwn(changed, key) ? changed[key as keyof Engine] : Reflect.get(target, key);
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        },
      });
    },
    ...more,
  };
  return entry;
}

/** Rolls out again and again, so that it is slower on every machine. */
const slow = (engine: Engine): Partial<Engine> => ({
  async rollout(request) {
    for (let i = 0; i < 40; i++) await engine.rollout(request);
    return engine.rollout(request);
  },
});

const damagedSpeeds = JSON.stringify({
  place: '',
  size: '',
  at: 'at this size',
  speeds: [
    { name: 'wasm-simd', tokensPerSecond: -1 },
    { name: 'snail', tokensPerSecond: 2 },
  ],
});

const speedFiles = (dir: string): readonly string[] => readdirSync(dir).map((name) => path.join(dir, name));

describe('the list of engines', () => {
  it('has the engine that all others are held against first, and every name once', () => {
    const names = engines.map(({ name }) => name);
    assert.equal(names[0], 'wasm-simd');
    assert.equal(new Set(names).size, names.length);
  });

  it('is all that --engine knows: an entry more is an engine more', async () => {
    assert.equal((await choose('fifth-wheel', [...engines, fake('fifth-wheel')])).name, 'fifth-wheel');
    await assert.rejects(choose('fifth-wheel'), /^EngineUnusableError: There is no engine "fifth-wheel"\. Use auto or one of wasm-simd, /);
  });
});

describe('an engine that is named', () => {
  it('is made, and its reason is the option', async () => {
    assert.deepEqual(await choose('wasm-simd'), { name: 'wasm-simd', reason: 'chosen by --engine wasm-simd' });
  });

  it('is never replaced by another where it does not work here', async () => {
    const broken = fake('broken', undefined, { probe: async () => ({ usable: false, reason: 'no driver. Install one.', device: null }) });
    await assert.rejects(choose('broken', [wasmSimd, broken]), /: The engine broken cannot be used here: no driver\. Install one\.$/);
    assert.equal(broken.created, 0);
  });
});

describe('auto', () => {
  it('takes the fastest engine at the size of the config, and says how fast each is', async () => {
    const { name, reason } = await choose('auto', [fake('snail', slow), wasmSimd, fake('other-snail', slow)]);
    assert.equal(name, 'wasm-simd');
    assert.match(
      reason,
      /^measured at this size: wasm-simd \d+ tokens\/s; (?:other-)?snail \d+ tokens\/s and (?:other-)?snail \d+ tokens\/s$/,
    );
  });

  it('takes the first of the list where no other is faster by more than chance', async () => {
    assert.equal((await choose('auto', [wasmSimd, fake('snail', slow)])).name, 'wasm-simd');
  });

  it('measures nothing where one candidate alone can be used', async () => {
    const cache = newCache();
    const broken = fake('broken', undefined, { probe: async () => ({ usable: false, reason: 'no driver', device: null }) });
    const idle = fake('idle', undefined, { isCandidate: false });
    const only = fake('only');
    assert.equal((await choose('auto', [only, broken, idle], cache)).name, 'only');
    assert.deepEqual([only.created, broken.created, idle.created], [1, 0, 0]);
    assert.throws(() => readdirSync(cache));
  });

  it('measures a size once, and another size or another list anew', async () => {
    const cache = newCache();
    const snail = fake('snail', slow);
    const first = await choose('auto', [wasmSimd, snail], cache);
    assert.equal(snail.created, 1);
    assert.deepEqual(await choose('auto', [wasmSimd, snail], cache), first);
    assert.equal(snail.created, 1);
    await choose('auto', [wasmSimd, snail], cache, { policy: { kind: 'transformer', width: 16, layers: 1, heads: 2 } });
    assert.equal(snail.created, 2);
    await choose('auto', [wasmSimd, snail, fake('other')], cache);
    assert.equal(snail.created, 3);
    assert.equal(speedFiles(cache).length, 3);
  });

  it('keeps to what another process has measured meanwhile, so that the runs of a group have one engine', async () => {
    const cache = newCache();
    const list = [wasmSimd, fake('snail', slow)];
    await choose('auto', list, cache);
    const [file] = speedFiles(cache);
    const speeds = [
      { name: 'wasm-simd', tokensPerSecond: 10 },
      { name: 'snail', tokensPerSecond: 1000 },
    ];
    writeFileSync(file!, JSON.stringify({ place: '', size: '', at: 'at this size', speeds }));
    assert.deepEqual(await choose('auto', list, cache), {
      name: 'snail',
      reason: 'measured at this size: snail 1000 tokens/s; wasm-simd 10 tokens/s',
    });
  });

  for (const damage of ['', '{', '{"speeds":[]}', damagedSpeeds]) {
    it(`measures anew where the file of speeds is ${damage === '' ? 'empty' : damage.slice(0, 40)}`, async () => {
      const cache = newCache();
      const snail = fake('snail', slow);
      await choose('auto', [wasmSimd, snail], cache);
      const [file] = speedFiles(cache);
      writeFileSync(file!, damage);
      assert.equal((await choose('auto', [wasmSimd, snail], cache)).name, 'wasm-simd');
      assert.equal(snail.created, 2);
      assert.match(readFileSync(file!, 'utf8'), /"speeds":\[\{"name":"wasm-simd","tokensPerSecond":\d/);
    });
  }

  it('chooses as well where nothing can be kept', async () => {
    const cache = newCache();
    writeFileSync(cache, 'no folder');
    assert.equal((await choose('auto', [wasmSimd, fake('snail', slow)], cache)).name, 'wasm-simd');
    const other = newCache();
    await choose('auto', [wasmSimd, fake('snail', slow)], other);
    const [file] = speedFiles(other);
    rmSync(file!);
    mkdirSync(file!);
    assert.equal((await choose('auto', [wasmSimd, fake('snail', slow)], other)).name, 'wasm-simd');
  });
});

describe('the check against wasm-simd', () => {
  const policies = [
    { kind: 'gru', width: 32, truncateBackpropEvery: null },
    { kind: 'transformer', width: 64, layers: 4, heads: 4 },
  ] as const;
  for (const policy of policies) {
    it(`lets an engine pass that rounds otherwise, with a ${policy.kind}`, async () => {
      assert.equal((await choose(wasmRelaxedSimd.name, undefined, newCache(), { policy })).name, wasmRelaxedSimd.name);
    });
  }

  const scaled = (values: Float32Array): Float32Array => values.map((value) => value * 1.001);
  const wrong: readonly (readonly [what: string, quantity: RegExp, change: (engine: Engine) => Partial<Engine>])[] = [
    [
      'log-probabilities',
      /the log-probability of a token is −\d/,
      (engine) => ({
        async forward(given, temperature) {
          const batch = await engine.forward(given, temperature);
          return { ...batch, logProbs: scaled(batch.logProbs) };
        },
      }),
    ],
    [
      'Σπ²',
      /Σπ² at a token is not a number/,
      (engine) => ({
        async forward(given, temperature) {
          const batch = await engine.forward(given, temperature);
          return { ...batch, sumPiSquared: batch.sumPiSquared.map(() => Number.NaN) };
        },
      }),
    ],
    [
      'one gradient',
      /the gradient of output\.bias is /,
      (engine) => ({
        readGradient: () =>
          new Map(
            Array.from(engine.readGradient(), ([name, { shape, values }]) => [
              name,
              { shape, values: name === 'output.bias' ? scaled(values) : values },
            ]),
          ),
      }),
    ],
  ];
  for (const [what, quantity, change] of wrong) {
    it(`refuses an engine with wrong ${what}, in words that name it, the quantity, the numbers and the remedy`, async () => {
      await assert.rejects(choose('wrong', [wasmSimd, fake('wrong', change)]), (error: unknown) => {
        assert.ok(error instanceof EngineUnusableError);
        assert.match(error.message, /^The engine wrong calculates wrongly here: /);
        assert.match(error.message, quantity);
        assert.match(
          error.message,
          /, with wasm-simd [−\d].*; rounding explains a difference of at most .*\. Choose --engine wasm-simd\.$/,
        );
        assert.doesNotMatch(error.message, /NaN|undefined/);
        return true;
      });
    });
  }

  it('does not hide behind another engine where auto chose', async () => {
    const cache = newCache();
    const list = [wasmSimd, fake('wrong', (engine) => ({ ...wrong[2]![2](engine) }))];
    await choose('auto', list, cache).catch(() => undefined);
    const [file] = speedFiles(cache);
    const speeds = [
      { name: 'wasm-simd', tokensPerSecond: 10 },
      { name: 'wrong', tokensPerSecond: 1000 },
    ];
    writeFileSync(file!, JSON.stringify({ place: '', size: '', at: 'at this size', speeds }));
    await assert.rejects(choose('auto', list, cache), /The engine wrong calculates wrongly here/);
  });
});
