import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startedFiles } from '../../../src/runs/inline/startedFiles.ts';

const cwd = path.resolve('/work/project');

function files(...command: string[]): readonly string[] {
  return startedFiles(command, cwd).map((file) => path.relative(cwd, file).split(path.sep).join('/'));
}

describe('files that a command starts', () => {
  it('are the scripts and YAML files among its arguments', () => {
    assert.deepEqual(files('bash', 'examples/run.sh', 'algorithm.adv_estimator=grpo'), ['examples/run.sh']);
    assert.deepEqual(files('accelerate', 'launch', '--config_file', 'zero3.yaml', 'grpo.py', '--config=configs/a.yml'), [
      'zero3.yaml',
      'grpo.py',
      'configs/a.yml',
    ]);
    assert.deepEqual(files('python3', '/elsewhere/train.py'), ['../../elsewhere/train.py']);
  });

  it('are those in the command of a shell', () => {
    assert.deepEqual(files('bash', '-c', 'cd verl && bash "run.sh"; echo done'), ['run.sh']);
  });

  it('are the module that Python runs', () => {
    assert.deepEqual(files('python3', '-m', 'pkg.train'), ['pkg/train.py', 'pkg/train/__main__.py']);
    assert.deepEqual(files('python3', '-m'), []);
    assert.deepEqual(files('python3', '-m', '../x'), []);
  });

  it('are the config that Hydra is told of, from the working folder and from that of the program', () => {
    assert.deepEqual(files('python3', 'src/train.py', '--config-path=conf', '--config-name', 'grpo'), [
      'src/train.py',
      'conf/grpo.yaml',
      'src/conf/grpo.yaml',
    ]);
    assert.deepEqual(files('trl', '-cd', 'conf', '-cn=a'), ['conf/a.yaml']);
    assert.deepEqual(files('python3', '-m', 'pkg.train', '-cp', 'conf', '-cn', 'a').slice(2), ['conf/a.yaml', 'pkg/conf/a.yaml']);
    assert.deepEqual(files('x', '--config-path', 'pkg://verl.conf', '--config-name', 'a'), []);
    assert.deepEqual(files('x', '--config-path', 'conf'), []);
  });
});
