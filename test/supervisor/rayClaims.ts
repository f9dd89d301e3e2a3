import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { JobsClient } from '../../src/runs/ray/jobsClient.ts';
import { readJobFile } from '../../src/runs/ray/jobFile.ts';
import { rayCredentials } from '../../src/runs/ray/rayCredentials.ts';
import { temporaryFolder } from '../runs/exampleRun.ts';
import { followedJob, untilPrinted } from './followedJob.ts';
import type { Cluster, FollowedJob } from './followedJob.ts';

const script = (text: string, ...args: readonly string[]) => ['sh', '-c', text, 'sh', ...args];
const counting = (to: number, between: string) =>
  script(`i=0; while [ $i -lt ${to} ]; do i=$((i+1)); echo "step:$i – 漢字"; ${between}; done`);
const counted = (to: number) => Array.from({ length: to }, (_, index) => `step:${index + 1} – 漢字\n`).join('');

function clientOf({ url, environment }: Cluster): JobsClient {
  return new JobsClient({ url, namedBy: 'The test' }, () => rayCredentials({}, environment, '/nowhere'));
}

function idOf({ runDir }: FollowedJob): string {
  return readJobFile(runDir)?.submissionId ?? 'none';
}

/** The output without what Ray itself has to say, which stands anywhere among it. */
function printed(followed: FollowedJob): string {
  return withoutRay(followed.output());
}

function withoutRay(log: string): string {
  return log
    .split('\n')
    .filter((line) => !/\tINFO job_manager|^Running entrypoint for job /.test(line))
    .join('\n');
}

/** A copy of a run directory as it is now: what is left of it when its process is killed. */
function copyOf({ runDir }: FollowedJob): string {
  const copy = path.join(temporaryFolder(), path.basename(runDir));
  cpSync(runDir, copy, { recursive: true });
  return copy;
}

/** What holds of a job on every head, a real one as well as the one of the tests. */
export function claimJobs(cluster: () => Cluster): void {
  describe('a job of a Ray cluster', () => {
    it('is told to its end, every line once and in order', async () => {
      const followed = followedJob(cluster(), counting(300, '[ $((i % 100)) -ne 0 ] || sleep 0.3'));
      const { code, reason, message } = await followed.end;
      assert.deepEqual([code, reason], [0, 'completed'], message);
      assert.equal(printed(followed), counted(300));
    });

    it('gets its arguments exactly as they are, and its environment', async () => {
      const args = ["it's", '$HOME `id` "x"', 'two\nlines', '', '*', 'ünïcödé 🙂'];
      const followed = followedJob(cluster(), script('printf "<%s>\\n" "$@"; echo "$OTB_SEED"', ...args), { env: { OTB_SEED: "s'1" } });
      await followed.end;
      const expected = `${args.map((arg) => `<${arg}>\n`).join('')}s'1\n`;
      // Ray says before or behind it what the entrypoint is.
      assert.ok(printed(followed).includes(expected), printed(followed));
    });

    it('is known to the cluster as that of its run', async () => {
      const followed = followedJob(cluster(), ['true'], { metadata: { team: 'rl' } });
      await followed.end;
      const info = await clientOf(cluster()).job(idOf(followed));
      assert.deepEqual(
        [info?.metadata['team'], info?.metadata['otb_run_dir'], info?.metadata['otb_estimator'], info?.metadata['otb_seed']],
        ['rl', '20260102-030405-example-grpo-s1', 'grpo', '1'],
      );
      assert.ok((await clientOf(cluster()).list()).some(({ submissionId }) => submissionId === idOf(followed)));
    });

    it('fails with what its program said last', async () => {
      const failing =
        'echo "Traceback (most recent call last):"; echo "  File \\"train.py\\", line 8"; echo "ValueError: no batch"; exit 3';
      const { code, reason, message } = await followedJob(cluster(), script(failing)).end;
      assert.deepEqual([code, reason], [3, 'failed']);
      assert.match(message, /ValueError: no batch/);
    });

    it('fails with a sentence where the cluster cannot start it', async () => {
      const { code, reason, message } = await followedJob(cluster(), ['true'], { runtimeEnv: { working_dir: '/nowhere/at/all' } }).end;
      assert.deepEqual([code, reason], [null, 'failed']);
      assert.match(message, /^Ray could not start the job: \/nowhere\/at\/all is not a valid path\. "working_dir" in "runtimeEnv"/);
    });

    it('is stopped, with all that it has started', async () => {
      const followed = followedJob(cluster(), script('echo begun; sleep 600 & sleep 600'));
      await untilPrinted(followed, 'begun\n');
      followed.job.stop();
      const { reason, message } = await followed.end;
      assert.deepEqual([reason, message], ['stopped', 'Stopped on request before the first step was logged.']);
      assert.equal((await clientOf(cluster()).job(idOf(followed)))?.status, 'STOPPED');
    });

    it('is found again by another process, which goes on at the byte where the first was killed', async () => {
      const first = followedJob(cluster(), counting(40, 'sleep 0.05'));
      await untilPrinted(first, 'step:9 ');
      const runDir = copyOf(first);
      const second = followedJob(cluster(), ['false'], { runDir, isResumed: true });
      await Promise.all([first.end, second.end]);
      assert.equal(idOf(second), idOf(first));
      assert.equal(printed(first), counted(40));
      assert.equal(printed(second), counted(40));
    });

    it('is submitted anew, under another id, where the run is resumed after its end is known', async () => {
      const first = followedJob(cluster(), ['echo', 'first']);
      await first.end;
      const id = idOf(first);
      first.job.settled();
      const second = followedJob(cluster(), ['echo', 'second'], { runDir: first.runDir, isResumed: true });
      assert.equal((await second.end).reason, 'completed');
      assert.equal(idOf(second), `${id}-2`);
      assert.equal(printed(second), 'first\nsecond\n');
    });

    it('that ended while nobody watched is told to its end, not submitted again', async () => {
      const first = followedJob(cluster(), ['echo', 'first']);
      await first.end;
      const second = followedJob(cluster(), ['echo', 'second'], { runDir: first.runDir, isResumed: true });
      assert.equal((await second.end).reason, 'completed');
      assert.equal(idOf(second), idOf(first));
      assert.equal(printed(second), 'first\n');
    });
  });

  describe('a client of a Ray cluster', () => {
    it('knows its version, and forgets a job', async () => {
      const client = clientOf(cluster());
      assert.match(await client.version(), /^\d+\.\d+\.\d+/);
      const followed = followedJob(cluster(), ['true']);
      await followed.end;
      await client.delete(idOf(followed));
      assert.equal(await client.job(idOf(followed)), null);
    });

    it('reads the same log over a WebSocket as at once', async () => {
      const followed = followedJob(cluster(), counting(30, 'sleep 0.03'));
      await untilPrinted(followed, 'step:1 ');
      const client = clientOf(cluster());
      let tailed = '';
      const isWhole = await client.tailLog(idOf(followed), (text) => (tailed += text), new AbortController().signal);
      await followed.end;
      let read = '';
      await client.readLog(idOf(followed), (text) => (read += text));
      assert.equal(isWhole, true);
      assert.equal(tailed, read);
      assert.equal(withoutRay(read), counted(30));
    });

    it('is told which variables to set where the token is missing or wrong', async () => {
      for (const environment of [{ RAY_AUTH_MODE: 'disabled' }, { RAY_AUTH_TOKEN: 'hunter2-hunter2' }]) {
        const { reason, message } = await followedJob({ ...cluster(), environment: { ...environment, HOME: '/nowhere' } }, ['true']).end;
        assert.equal(reason, 'failed');
        assert.match(message, /RAY_AUTH_TOKEN to the token of the cluster, or RAY_AUTH_TOKEN_PATH to a file/);
        assert.doesNotMatch(message, /hunter2/);
      }
    });
  });
}
