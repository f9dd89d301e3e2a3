import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CollapseEvent, LifecycleEvent } from '../../../src/core/records/events.ts';
import { CollapseHistory } from '../../../src/runs/catalog/collapseHistory.ts';

type Said = readonly [type: CollapseEvent['type'] | LifecycleEvent['type'], step: number, onsetStep?: number];

/** What a process has said that tells when a spike or an instability has passed, as all do now. */
function said(...events: readonly Said[]): CollapseHistory {
  return replayed({ tellsSettled: true }, [['started', 0], ...events]);
}

function replayed(started: LifecycleEvent['data'], events: readonly Said[]): CollapseHistory {
  const history = new CollapseHistory();
  for (const [type, step, onsetStep = step] of events) {
    if (type === 'started' || type === 'checkpoint') history.add({ type, step, time: step, data: type === 'started' ? started : {} });
    else history.add({ type: type as CollapseEvent['type'], step, onsetStep, time: step, message: type, advice: '', data: {} });
  }
  return history;
}

describe('what the events of a run say about its collapse', () => {
  it('is the onset and the detection of the collapse, whatever is said of it later', () => {
    const history = said(['started', 0], ['unstable', 170, 165], ['collapse', 190, 181], ['checkpoint', 200], ['nan', 210, 205]);
    assert.deepEqual([history.stateAt(600), history.onsetStep, history.detectedStep], ['collapsed', 181, 190]);
    assert.deepEqual(
      history.events.map(({ type }) => type),
      ['unstable', 'collapse', 'nan'],
    );
  });

  it('keeps the onset of a collapse that the run has recovered from, until there is another', () => {
    const once = said(['collapse', 190, 181], ['recovered', 260]);
    assert.deepEqual([once.stateAt(300), once.onsetStep], ['recovered', 181]);
    const twice = said(['collapse', 190, 181], ['recovered', 260], ['collapse', 400, 380]);
    assert.deepEqual([twice.stateAt(400), twice.onsetStep, twice.detectedStep], ['collapsed', 380, 400]);
  });

  it('counts a run that no longer holds numbers as collapsed', () => {
    const history = said(['nan', 50, 48]);
    assert.deepEqual([history.stateAt(50), history.onsetStep, history.detectedStep], ['collapsed', 48, 50]);
  });

  it('lets a spike and an instability pass when that is said, however long it takes, and no collapse', () => {
    for (const type of ['spike', 'unstable', 'silent'] as const) {
      assert.equal(said([type, 100]).stateAt(5000), type);
      assert.equal(said([type, 100], ['settled', 130, 100]).stateAt(130), 'healthy');
      assert.equal(said(['collapse', 50], ['recovered', 90, 50], [type, 100], ['settled', 130, 100]).stateAt(130), 'recovered');
    }
    assert.equal(said(['collapse', 100], ['settled', 110, 90]).stateAt(10_000), 'collapsed');
  });

  it('lets a run fall silent at any time, but not one that has collapsed', () => {
    for (const before of [
      [],
      [['spike', 90]],
      [['unstable', 90]],
      [
        ['collapse', 50],
        ['recovered', 90, 50],
      ],
    ] as const)
      assert.equal(said(...before, ['silent', 130, 101]).stateAt(130), 'silent');
    assert.equal(said(['collapse', 50], ['silent', 130, 101]).stateAt(130), 'collapsed');
    const again = said(['silent', 40, 1], ['settled', 60, 1], ['silent', 130, 101]);
    assert.deepEqual([again.stateAt(130), again.onsetStep, again.detectedStep], ['silent', null, null]);
    assert.equal(said(['silent', 130, 101], ['collapse', 150, 141]).stateAt(150), 'collapsed');
  });

  it('keeps a collapse, its onset and its detection, when a surge comes later, and passes', () => {
    const surged = said(['collapse', 50, 41], ['unstable', 70, 66]);
    assert.deepEqual([surged.stateAt(70), surged.onsetStep, surged.detectedStep], ['collapsed', 41, 50]);
    assert.equal(surged.events.length, 2);
    const passed = said(['collapse', 50, 41], ['unstable', 70, 66], ['settled', 90, 66]);
    assert.deepEqual([passed.stateAt(90), passed.onsetStep], ['collapsed', 41]);
    assert.equal(said(['collapse', 50, 41], ['unstable', 70, 66], ['recovered', 120, 41]).stateAt(120), 'recovered');
  });

  it('takes a plateau of the gradient norm for no trouble', () => {
    const history = said(['plateau', 10, 1]);
    assert.deepEqual([history.stateAt(10), history.onsetStep, history.events.length], ['healthy', null, 1]);
    assert.equal(said(['unstable', 20], ['plateau', 30]).stateAt(30), 'unstable');
  });

  it('of a process that does not say so lets a spike pass after ten steps, an instability after a hundred', () => {
    const old = (...events: readonly Said[]): CollapseHistory => replayed({}, [['started', 0], ...events]);
    const spike = old(['spike', 100]);
    assert.deepEqual([spike.stateAt(100), spike.stateAt(109), spike.stateAt(110)], ['spike', 'spike', 'healthy']);
    const unstable = old(['unstable', 100]);
    assert.deepEqual([unstable.stateAt(200), unstable.stateAt(201)], ['unstable', 'healthy']);
    assert.equal(old(['collapse', 100]).stateAt(10_000), 'collapsed');
    assert.equal(old(['collapse', 100], ['recovered', 150], ['spike', 160]).stateAt(500), 'recovered');
  });

  it('forgets what a resumed run has not done, and keeps what came before its checkpoint', () => {
    const history = said(['spike', 20], ['settled', 30, 20], ['collapse', 190, 181], ['started', 150]);
    assert.deepEqual([history.stateAt(150), history.onsetStep, history.detectedStep], ['healthy', null, null]);
    assert.deepEqual(
      history.events.map(({ type }) => type),
      ['spike', 'settled'],
    );
  });

  it('says a collapse once when a resumed run collapses again', () => {
    const history = said(['collapse', 190, 181], ['started', 150], ['collapse', 190, 182]);
    assert.deepEqual(
      history.events.map(({ onsetStep }) => onsetStep),
      [182],
    );
    assert.equal(history.onsetStep, 182);
  });

  it('stays collapsed when the run was resumed after the collapse', () => {
    const history = said(['collapse', 190, 181], ['started', 200]);
    assert.deepEqual([history.stateAt(200), history.detectedStep], ['collapsed', 190]);
  });
});
