import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isObject } from '../../../src/core/records/json.ts';
import { failureSentence } from '../../../src/runs/ray/jobEnd.ts';
import { parseJobInfo } from '../../../src/runs/ray/jobInfo.ts';
import { exchanges, recorded } from './fakeHead.ts';

function sentenceOf(value: unknown): string {
  const info = parseJobInfo(value);
  assert.ok(info);
  return failureSentence(info);
}

const failed = (changes: { errorType: string; message: string; exitCode?: number }) => failureSentence({ exitCode: null, ...changes });

describe('why a job failed', () => {
  it('is one sentence for what a real head says', () => {
    assert.equal(sentenceOf(recorded(200, 'GET', /otb-fails$/).body), 'The program ended with exit code 3.');
    const jobs = exchanges.findLast(({ request }) => request.path === '/api/jobs/')?.response.body;
    assert.ok(Array.isArray(jobs));
    assert.equal(
      sentenceOf(jobs.find((job) => isObject(job) && job['submission_id'] === 'otb-bad-env')),
      'Ray could not start the job: /nowhere is not a valid path. "working_dir" in "runtimeEnv" is a folder that the head of the ' +
        'cluster sees, or the URL of a zip file.',
    );
  });

  it('names the signal that ended the program', () => {
    const errorType = 'JOB_ENTRYPOINT_COMMAND_ERROR';
    assert.equal(failed({ errorType, message: '', exitCode: -15 }), 'The program was ended by SIGTERM.');
    assert.match(failed({ errorType, message: '', exitCode: -9 }), /SIGKILL, as a node that runs out of memory/);
    assert.equal(
      failed({ errorType, message: 'Job entrypoint command failed with exit code 2. No logs' }),
      'The program ended with exit code 2.',
    );
  });

  it('says what to do where the cluster did not start it', () => {
    const timeout = 'Job supervisor actor failed to start within 900.0 seconds. This timeout can be configured by …';
    assert.equal(
      failed({ errorType: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT', message: timeout }),
      'The job did not get what it asks of the cluster within 15 min 00 s. See what is free with `ray status`, then lower ' +
        '"entrypointResources" in the config.',
    );
    assert.match(
      failed({ errorType: 'RUNTIME_ENV_SETUP_FAILURE', message: 'runtime_env setup failed: Failed to install pip packages\nmore' }),
      /^Ray could not set up the runtime environment: Failed to install pip packages\. See "runtimeEnv"/,
    );
  });

  it('is short and on one line, whatever Ray says', () => {
    for (const errorType of [
      'JOB_SUPERVISOR_ACTOR_DIED',
      'JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE',
      'JOB_SUPERVISOR_ACTOR_START_FAILURE',
      'NEW_ONE',
    ]) {
      for (const message of ['', '\n\n', `${'x'.repeat(100_000)}\nmore`, '\u001b[31mred\u0007\nmore']) {
        const sentence = failed({ errorType, message });
        assert.ok(sentence.length < 500, errorType);
        assert.doesNotMatch(sentence, /[\u0000-\u001f]/);
      }
    }
  });
});
