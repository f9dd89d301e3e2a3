import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realPace } from '../../src/supervisor/pace.ts';
import { followedJob, untilTold } from '../supervisor/followedJob.ts';
import { claimJobs } from '../supervisor/rayClaims.ts';

const { OTB_TEST_RAY_URL: url, OTB_TEST_RAY_TOKEN: token = '' } = process.env;

if (url === undefined) it('is tested by `npm run test:ray`, which starts it', { skip: true });
else {
  const cluster = { url, environment: { HOME: '/nowhere', RAY_AUTH_TOKEN: token }, pace: realPace };
  describe('on a real head', () => {
    claimJobs(() => cluster);

    it('a job waits for resources that are not there, and is let go of when the run is stopped', async () => {
      const resources = { cpus: 1000, gpus: null, memory: null, resources: null };
      const followed = followedJob(cluster, ['true'], { entrypointResources: resources, stopSeconds: 5 });
      await untilTold(followed, /^The job waits/);
      followed.job.stop();
      const { reason, message } = await followed.end;
      assert.match(`${reason}: ${message}`, /^failed: The job still waits on the Ray cluster|^stopped: /);
    });

    it('a log that is no text is not given out by Ray, which is said', async () => {
      const followed = followedJob(cluster, ['sh', '-c', 'printf "\\377\\n"']);
      const { reason, message } = await followed.end;
      assert.equal(reason, 'completed');
      assert.match(message, /The end of the job's log cannot be read\..*UnicodeDecodeError.*no UTF-8/);
    });

    it('a program that is killed is told of with the signal', async () => {
      const { reason, message } = await followedJob(cluster, ['sh', '-c', 'kill -9 $$']).end;
      assert.equal(reason, 'failed');
      assert.match(message, /SIGKILL/);
    });
  });
}
