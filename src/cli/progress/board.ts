import path from 'node:path';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseEvent, CollapseState, RunEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import { recordsInShort } from '../../runs/catalog/toldChanges.ts';
import { endingNote } from '../../runs/catalog/runStanding.ts';
import type { RunChange } from '../../runs/directory/runFollower.ts';
import { followSource } from '../../runs/sources/followSource.ts';
import type { Followed } from '../../runs/sources/followSource.ts';
import { lastLines } from '../../runs/directory/lastLines.ts';
import type { FollowedRun } from './followedRun.ts';
import { PendingEvents } from './pendingEvents.ts';
import type { ProgressView } from './progressView.ts';

const outputPeriodMs = 1000;

/** Follows run directories into a view, and says what a user has to hear about. */
export class Board {
  private readonly followers = new Map<FollowedRun, Followed>();
  /** What was said of which run: one that was resumed from before its collapse logs it again. */
  private readonly said = new Set<string>();
  private readonly outputTimer: NodeJS.Timeout;

  /** `onChange`: hears of all that is new about the runs. */
  constructor(
    private readonly view: ProgressView,
    private readonly onChange: (run: FollowedRun, change: RunChange) => void = () => undefined,
  ) {
    this.outputTimer = setInterval(() => this.readOutput(), outputPeriodMs).unref();
  }

  /**
   * Follows a run until its process has ended; resolves when everything that it wrote has been taken in. Events before `since`
   * (seconds since 1970) count but are not spoken about again.
   */
  follow(run: FollowedRun, since = 0): Promise<void> {
    return new Promise((resolve) => {
      const events = new PendingEvents();
      const follower = followSource(
        run.place,
        (change) => {
          run.isEnding = follower.isEnding;
          this.onChange(run, change);
          const ended = this.take(run, events, change, since);
          this.view.update(run);
          if (!ended) return;
          follower.close();
          this.followers.delete(run);
          resolve();
        },
        { assigned: run.assigned },
      );
      this.followers.set(run, follower);
    });
  }

  /** A run that has no step yet is followed by what its process prints. */
  private readOutput(): void {
    for (const run of this.followers.keys()) {
      if (run.step > 0 || run.isDone) continue;
      run.addOutput(lastLines(path.join(run.dir, runFiles.stdout), 1));
      this.view.update(run);
    }
  }

  close(): void {
    clearInterval(this.outputTimer);
    for (const follower of this.followers.values()) follower.close();
    this.view.close();
  }

  private sayOnce(run: FollowedRun, sentence: string | undefined): void {
    const key = `${run.dir}: ${sentence}`;
    if (sentence === undefined || this.said.has(key)) return;
    this.said.add(key);
    this.view.say(`${run.name}: ${sentence}`);
  }

  /** Returns whether the run has come to its end. */
  private take(run: FollowedRun, pending: PendingEvents, change: RunChange, since: number): boolean {
    const takeEvents = (step: number): void => {
      for (const event of pending.take(step)) {
        run.addEvent(event);
        // A log without times has events without.
        if (!(event.time < since)) {
          this.sayOnce(run, collapseSentence(event, run.collapse));
          if (run.notice !== '') this.sayOnce(run, run.notice);
        }
      }
    };
    switch (change.type) {
      case 'metrics':
        for (const record of change.records) {
          run.addMetrics(record);
          this.view.update(run);
          takeEvents(run.step);
        }
        return false;
      case 'events':
        pending.add(change.events);
        takeEvents(run.step);
        return false;
      case 'state':
        takeEvents(Infinity);
        run.process = change.state;
        if (run.isDone) run.ending = endingNote(change.state, change.exit);
        return run.isDone;
      case 'problem':
        this.view.say(`${run.name}: ${change.problem.message}`);
        return false;
      case 'unread':
        for (const { message } of change.files) this.view.say(`${run.name}: ${message}`);
        return false;
      case 'deleted':
        run.process = 'lost';
        run.ending = 'Its directory is gone from here: it was deleted, moved or renamed.';
        return true;
      case 'reset':
        if (change.of === 'events') {
          pending.clear();
          run.history.clear();
        } else run.clearMetrics();
        return false;
      case 'identity':
        run.keys = change.identity.metricKeys;
        return false;
      case 'stretches':
        for (const { table } of change.stretches) for (const record of recordsInShort(table)) run.addMetrics(record);
        takeEvents(run.step);
        return false;
      case 'forget':
      case 'sample':
      case 'notes':
      case 'malformed':
        return false;
    }
  }
}

/** The words for an event that matters to everybody; what may pass, and what changes nothing, does not. */
function collapseSentence(event: RunEvent, state: CollapseState): string | undefined {
  if (isLifecycleEvent(event)) return undefined;
  switch (event.type) {
    case 'collapse':
    case 'nan':
      return `collapse ${place(event)}. ${event.message}`;
    case 'recovered':
      return `recovered at step ${event.step}. ${event.message}`;
    case 'silent':
      return `silent ${place(event)}. ${event.message}`;
    case 'unstable':
      return state === 'collapsed' ? `surge after the collapse ${place(event)}. ${event.message}` : undefined;
    case 'spike':
    case 'settled':
    case 'plateau':
      return undefined;
  }
}

function place({ step, onsetStep }: CollapseEvent): string {
  return `at step ${step}, began at step ${onsetStep}`;
}
