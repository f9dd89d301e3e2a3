import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { eventually } from '../runs/exampleRun.ts';
import { headWithJobs } from '../runs/ray/fakeJobs.ts';
import { FakeHead } from '../runs/ray/fakeHead.ts';
import { followedJob, quickPace, untilPrinted, untilTold } from './followedJob.ts';
import type { Cluster } from './followedJob.ts';
import { claimJobs } from './rayClaims.ts';

function clusterOf({ url }: FakeHead, token?: string): Cluster {
  return { url, environment: { HOME: '/nowhere', ...(token === undefined ? {} : { RAY_AUTH_TOKEN: token }) }, pace: quickPace };
}

describe('on a head of the tests', () => {
  let head: FakeHead | undefined;
  before(async () => {
    head = await headWithJobs('right-token');
  });
  claimJobs(() => {
    assert.ok(head);
    return clusterOf(head, 'right-token');
  });
});

/** A head that has taken one job on, which prints as the test says. */
async function oneJob(): Promise<{ readonly head: FakeHead; readonly cluster: Cluster; readonly id: () => string }> {
  const head = await FakeHead.start();
  return { head, cluster: clusterOf(head), id: () => [...head.jobs.keys()].at(-1) ?? 'none' };
}

describe('a head that does not do at once what it is asked for', () => {
  it('is asked again while it has no agent yet', async () => {
    const { head, cluster, id } = await oneJob();
    head.busy = 4;
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /takes no jobs yet: its head has no job agent\. Trying again\./);
    await untilTold(followed, /^The job waits on the Ray cluster\. Job has not started yet/);
    head.print(id(), 'step:1\n');
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    assert.equal((await followed.end).reason, 'completed');
    assert.equal(head.requests.filter((request) => request === 'POST /api/jobs/').length, 5);
  });

  it('is given up after a minute of that', async () => {
    const { head, cluster } = await oneJob();
    head.busy = 1e6;
    const { reason, message } = await followedJob(cluster, ['true']).end;
    assert.equal(reason, 'failed');
    assert.match(message, /takes no jobs yet/);
  });

  it('is given up where nothing answers, with who named the address', async () => {
    const { head, cluster } = await oneJob();
    await head.leave();
    const { reason, message } = await followedJob(cluster, ['true']).end;
    assert.equal(reason, 'failed');
    assert.match(message, /cannot be reached: nothing listens there\. The "address" in the config says so/);
  });

  it('has the job once, also where its answer got lost', async () => {
    const { head, cluster, id } = await oneJob();
    let losses = 1;
    head.onSubmit = () => {
      if (losses-- > 0) void head.leave().then(() => head.come());
    };
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    assert.equal((await followed.end).reason, 'completed');
    assert.equal(head.jobs.size, 1);
  });

  it('has no job of ours under our id that is somebody else’s', async () => {
    const { head, cluster, id } = await oneJob();
    const first = followedJob(cluster, ['true']);
    await untilTold(first, /^The job waits/);
    head.job(id()).info['metadata'] = { otb_run_dir: 'another' };
    const { reason, message } = await followedJob(cluster, ['true'], { runDir: first.runDir }).end;
    assert.equal(reason, 'failed');
    assert.match(message, /already exists.* It is not of this run\.$/);
    head.end(id(), { status: 'SUCCEEDED' });
    await first.end;
  });
});

describe('a head that goes away', () => {
  it('is waited for, and what was printed meanwhile comes when it is back', async () => {
    const { head, cluster, id } = await oneJob();
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    head.print(id(), 'step:1\n');
    await untilPrinted(followed, 'step:1\n');
    await head.leave();
    await untilTold(followed, /cannot be reached.* The job may go on meanwhile; trying again\.$/);
    head.print(id(), 'step:2\n');
    await head.come();
    await untilPrinted(followed, 'step:2\n');
    await eventually(() => followed.notices.at(-1) === '', 'nothing to tell any more');
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    assert.equal((await followed.end).reason, 'completed');
    assert.equal(followed.output(), 'step:1\nstep:2\n');
  });

  it('and comes back without the job ends the run, with what to do', async () => {
    const { head, cluster, id } = await oneJob();
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    head.jobs.delete(id());
    const { reason, message } = await followed.end;
    assert.equal(reason, 'failed');
    assert.match(message, /does not know the job otb-.* any more: .* Resume the run to submit it again\.$/);
  });

  it('while the run is stopped is told of, with the command that ends the job', async () => {
    const { head, cluster, id } = await oneJob();
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    await head.leave();
    followed.job.stop();
    const { message } = await followed.end;
    assert.match(
      message,
      new RegExp(`does not answer, and the job may go on\\. See to it with: ray job stop --address ${head.url} ${id()}$`),
    );
  });

  it('as a run is resumed leaves the job to be looked for again', async () => {
    const { head, cluster, id } = await oneJob();
    const first = followedJob(cluster, ['true']);
    await untilTold(first, /^The job waits/);
    await head.leave();
    const second = await followedJob(cluster, ['true'], { runDir: first.runDir, isResumed: true }).end;
    assert.match(second.message, /cannot be reached.* The job may go on: resume the run later, or delete ray\.json/);
    await head.come();
    const third = followedJob(cluster, ['true'], { runDir: first.runDir, isResumed: true });
    await untilTold(third, /^The job waits/);
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    assert.equal((await third.end).reason, 'completed');
    await first.end;
    assert.equal(head.jobs.size, 1);
  });
});

describe('a job that waits', () => {
  it('and is stopped ends the run after the time for that, though the cluster keeps it', async () => {
    const { cluster } = await oneJob();
    const followed = followedJob(cluster, ['true'], { stopSeconds: 10 });
    await untilTold(followed, /^The job waits/);
    followed.job.stop();
    await untilTold(followed, /^The Ray cluster was asked to end the job\.$/);
    assert.match((await followed.end).message, /^The job still waits on the Ray cluster.* It was asked to\. See to it with: ray job stop/);
  });

  it('is not submitted at all where the run is stopped before', async () => {
    const { head, cluster } = await oneJob();
    head.busy = 1e6;
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /takes no jobs yet/);
    followed.job.stop();
    assert.equal((await followed.end).reason, 'stopped');
    assert.equal(head.jobs.size, 0);
  });
});

describe('a run that is resumed', () => {
  it('is not submitted again where its config does not say how', async () => {
    const { head, cluster, id } = await oneJob();
    const first = followedJob(cluster, ['true']);
    await untilTold(first, /^The job waits/);
    head.end(id(), { status: 'STOPPED' });
    const { reason, message } = await first.end;
    assert.deepEqual([reason, message], ['stopped', 'The job was stopped on the cluster, in its dashboard or by "ray job stop".']);
    first.job.settled();
    const second = await followedJob(cluster, ['true'], { runDir: first.runDir, isResumed: true, canSubmitAgain: false }).end;
    assert.match(second.message, /Add "resume" with the arguments/);
    assert.equal(head.jobs.size, 1);
  });
});

describe('a job that the cluster has forgotten', () => {
  it('is submitted under another id when the run is resumed, if its config says how it goes on', async () => {
    const { head, cluster, id } = await oneJob();
    const first = followedJob(cluster, ['true']);
    await untilTold(first, /^The job waits/);
    const before = id();
    head.jobs.clear();
    await first.end;
    first.job.settled();
    const again = { runDir: first.runDir, isResumed: true };
    const refused = await followedJob(cluster, ['true'], { ...again, canSubmitAgain: false }).end;
    assert.match(refused.message, /Add "resume" with the arguments for that.* and start the run anew\.$/);
    const second = followedJob(cluster, ['true'], again);
    await untilTold(second, /^The job waits/);
    assert.equal(id(), `${before}-2`);
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    assert.equal((await second.end).reason, 'completed');
  });
});

describe('a log that cannot be followed over a WebSocket', () => {
  it('is read whole each time, and told once', async () => {
    const { head, cluster, id } = await oneJob();
    head.tails = 'refused';
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    for (const line of ['step:1\n', 'step:2 漢', '字\n', 'step:3\n']) {
      head.print(id(), line);
      await untilPrinted(followed, line);
    }
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    await followed.end;
    assert.equal(followed.output(), 'step:1\nstep:2 漢字\nstep:3\n');
    assert.ok(head.requests.filter((request) => request.endsWith('/logs')).length >= 4);
  });
});

describe('a log that the cluster does not give out', () => {
  it('is told of while the job runs, and at its end', async () => {
    const { head, cluster, id } = await oneJob();
    head.tails = 'refused';
    head.instead = ({ url }, response) => {
      if (url?.endsWith('/logs') !== true) return false;
      response.writeHead(500);
      response.end("Traceback (most recent call last):\nUnicodeDecodeError: 'utf-8' codec can't decode byte 0xff\n");
      return true;
    };
    const followed = followedJob(cluster, ['true']);
    await untilTold(followed, /^The job waits/);
    head.print(id(), 'step:1\n');
    await untilTold(followed, /^The end of the job's log cannot be read\..* no UTF-8/);
    head.end(id(), { status: 'SUCCEEDED', driver_exit_code: 0 });
    const { reason, message } = await followed.end;
    assert.equal(reason, 'completed');
    assert.match(message, /without having logged a step.* The end of the job's log cannot be read/);
  });
});
