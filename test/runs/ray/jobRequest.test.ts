import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOfRun, jobRequest, submissionId } from '../../../src/runs/ray/jobRequest.ts';
import type { JobPlan } from '../../../src/runs/ray/jobRequest.ts';

const examplePlan: JobPlan = {
  runDir: '/work/.otb/runs/20260102-030405-qwen-grpo-s1',
  estimator: 'grpo',
  seed: 1,
  group: 'qwen',
  command: ['python3', 'train.py', "it's"],
  env: {},
  cwd: '/work',
  runtimeEnv: {},
  metadata: {},
  entrypointResources: { cpus: null, gpus: null, memory: null, resources: null },
};

describe('what is submitted for a run', () => {
  it('is found under an id made of the name of its directory, another for each submission, folder and machine', () => {
    const { runDir } = examplePlan;
    const id = submissionId(runDir, 'gpu-1', 1);
    assert.match(id, /^otb-20260102-030405-qwen-grpo-s1-[0-9a-f]{8}$/);
    assert.equal(submissionId(runDir, 'gpu-1', 1), id);
    const others = [submissionId(runDir, 'gpu-1', 2), submissionId(runDir, 'gpu-2', 1), submissionId(`/elsewhere${runDir}`, 'gpu-1', 1)];
    assert.equal(new Set([id, ...others]).size, 4);
  });

  it('has an id that Ray can make a file name of, whatever the run is called', () => {
    for (const name of ['a b/../c', 'ünïcödé 漢字', 'x'.repeat(1000), "it's \n $(id)", '..']) {
      const id = submissionId(`/work/.otb/runs/${name}`, 'host', 12);
      assert.match(id, /^[A-Za-z0-9._-]+$/);
      assert.ok(id.length < 200);
    }
    assert.notEqual(submissionId('/runs/ä', 'host', 1), submissionId('/runs/ö', 'host', 1));
  });

  it('is the command as a text, and what the config says of resources, environment and metadata', () => {
    assert.deepEqual(jobRequest(examplePlan, 'host', 'id'), {
      entrypoint: "exec python3 train.py 'it'\\''s'",
      submission_id: 'id',
      metadata: {
        otb_run_dir: '20260102-030405-qwen-grpo-s1',
        otb_mark: submissionId(examplePlan.runDir, 'host', 1).slice(-8),
        otb_estimator: 'grpo',
        otb_group: 'qwen',
        otb_seed: '1',
      },
    });
    const rich = jobRequest(
      {
        ...examplePlan,
        env: { A: 'new', B: 'two' },
        runtimeEnv: { pip: ['verl'], env_vars: { A: 'old', C: 'three' }, working_dir: 'code' },
        metadata: { team: 'rl', otb_group: 'forged' },
        entrypointResources: { cpus: 1, gpus: 0.5, memory: 1e9, resources: { head: 0.1 } },
      },
      'host',
      'id',
    );
    assert.deepEqual(rich.runtime_env, { pip: ['verl'], env_vars: { A: 'new', B: 'two', C: 'three' }, working_dir: '/work/code' });
    assert.deepEqual([rich.metadata['team'], rich.metadata['otb_group']], ['rl', 'qwen']);
    const { entrypoint_num_cpus: cpus, entrypoint_num_gpus: gpus, entrypoint_memory: memory, entrypoint_resources: resources } = rich;
    assert.deepEqual([cpus, gpus, memory, resources], [1, 0.5, 1e9, { head: 0.1 }]);
  });

  it('leaves a working directory alone that is absolute or a URL', () => {
    for (const folder of ['/data/code', 'https://example.org/code.zip', 'gcs://_ray_pkg_1.zip']) {
      assert.deepEqual(jobRequest({ ...examplePlan, runtimeEnv: { working_dir: folder } }, 'host', 'id').runtime_env, {
        working_dir: folder,
      });
    }
  });

  it('is known by its metadata as that of this run and no other', () => {
    const { metadata } = jobRequest(examplePlan, 'host', 'id');
    assert.ok(isOfRun(metadata, examplePlan, 'host'));
    assert.ok(!isOfRun(metadata, examplePlan, 'other host'));
    assert.ok(!isOfRun(metadata, { runDir: '/other/20260102-030405-qwen-grpo-s1' }, 'host'));
    assert.ok(!isOfRun({}, examplePlan, 'host'));
  });
});
