import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobLog, LogAnswer } from '../../../src/runs/ray/jobLog.ts';
import { RayError } from '../../../src/runs/ray/rayError.ts';

/** What is new when the whole log is read again, in pieces of `size` characters. */
function news(log: JobLog, whole: string, size = 7): string {
  log.begin();
  const pieces = Array.from(whole).reduce<string[]>((all, character, at) => {
    if (at % size === 0) all.push('');
    all[all.length - 1] += character;
    return all;
  }, []);
  return Buffer.concat(pieces.map((piece) => log.take(piece))).toString();
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `step:${from + index} - actor/grad_norm:0.${from + index} – 漢字 🙂\n`).join('');
const first = '2026-11-27 21:21:13,905\tINFO job_manager.py:581 -- Runtime env is setting up.\n';

describe('a log that always comes whole', () => {
  it('is told once, whatever the pieces in which it comes', () => {
    for (const size of [1, 7, 100, 1e6]) {
      const log = new JobLog();
      assert.equal(news(log, first, size), first);
      assert.equal(news(log, first + lines(0, 40), size), lines(0, 40));
      assert.equal(news(log, first + lines(0, 40), size), '');
      assert.equal(news(log, first + lines(0, 41), size), lines(40, 41));
    }
  });

  it('goes on behind what was taken by another process, to the byte', () => {
    const before = Buffer.from(first + lines(0, 3));
    // Killed in the middle of a character.
    for (const cut of [0, 1, 2, 3, 4, 5]) {
      const taken = before.length - cut;
      const log = new JobLog(taken);
      log.begin();
      const rest = log.take(first + lines(0, 5));
      assert.equal(Buffer.concat([before.subarray(0, taken), rest]).toString(), first + lines(0, 5));
    }
  });

  it('has nothing new where it is shorter for once, and is told from its start where it is another one', () => {
    const log = new JobLog();
    news(log, first + lines(0, 40));
    assert.equal(news(log, ''), '');
    assert.equal(news(log, first), '');
    assert.equal(news(log, first + lines(0, 41)), lines(40, 41));
    const other = first.replace('905', '906') + lines(0, 2);
    assert.equal(news(log, other), other);
    assert.equal(news(log, other + lines(2, 3)), lines(2, 3));
  });
});

describe('the answer that holds a log', () => {
  const whole = `${first}"quoted" \\ back\\\\slash \u0001 \t ünïcödé 漢字 🙂 \ud800 lone\n`;
  const ascii = (value: unknown) =>
    JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

  it('is read byte by byte as well as at once, as Python writes it and as others do', () => {
    for (const json of [ascii({ logs: whole }), JSON.stringify({ logs: whole }), ` { "logs" : ${ascii(whole)} } `]) {
      for (const size of [1, 2, 3, 5, 11, 1e6]) {
        const answer = new LogAnswer();
        const bytes = Buffer.from(json);
        let text = '';
        for (let at = 0; at < bytes.length; at += size) text += answer.take(bytes.subarray(at, at + size));
        assert.equal(text, whole);
      }
    }
  });

  it('is refused where it is something else', () => {
    for (const text of ['<!doctype html>', '{"detail": "x"}'.padEnd(2000), '[1]', '{"logs": "raw\nline"}', '{"logs": "\\x"}']) {
      assert.throws(
        () => new LogAnswer().take(Buffer.from(text)),
        (error: Error) => error instanceof RayError && error.problem === 'stranger',
        text,
      );
    }
  });
});
