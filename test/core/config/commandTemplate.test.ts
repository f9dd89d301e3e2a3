import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandLine, environmentNames, filledIn, isSecret, templateProblems } from '../../../src/core/config/commandTemplate.ts';

const variables = { estimator: 'grpo', seed: '3', name: 'a b', runDir: '/r', gpus: '0,1', python: 'python3' };

describe('the variables of a command', () => {
  it('are replaced wherever they stand, by one text each', () => {
    assert.equal(filledIn('x=${estimator}/${seed} ${gpus}', variables), 'x=grpo/3 0,1');
  });

  it('of the environment are replaced where the program is started, and stay in everything that is written down', () => {
    assert.equal(filledIn('--token=${env:HF_TOKEN}', variables), '--token=${env:HF_TOKEN}');
    assert.equal(filledIn('--token=${env:HF_TOKEN}${env:NONE}', variables, { HF_TOKEN: 't' }), '--token=t');
    assert.deepEqual(environmentNames('${env:A}/${env:B_1}/$${env:C}'), ['A', 'B_1']);
  });

  it('are no more replaced in what they are replaced with', () => {
    assert.equal(filledIn('${name}', { ...variables, name: '${seed}' }, {}), '${seed}');
  });

  it('can be meant as they stand', () => {
    assert.equal(filledIn('echo $${HOME}', variables, {}), 'echo ${HOME}');
    assert.deepEqual(templateProblems('echo $${HOME}'), []);
  });

  it('are known, or it is said which are', () => {
    const [problem] = templateProblems('${HOME}');
    assert.match(problem?.message ?? '', /^\$\{HOME\} is not known$/);
    assert.match(problem?.remedy ?? '', /\$\{runDir\}.*\$\{env:NAME\}.*"\$\$\{"/);
  });
});

describe('the arguments by which a program goes on', () => {
  const resume = ['--resume', '${runDir}/last'];

  it('stand where the command has them, and only when it goes on', () => {
    const config = { command: ['x', '${resume}', 'y'], resume };
    assert.deepEqual(commandLine(config, variables, false), ['x', 'y']);
    assert.deepEqual(commandLine(config, variables, true), ['x', '--resume', '/r/last', 'y']);
  });

  it('stand at the end of a command that does not say where', () => {
    assert.deepEqual(commandLine({ command: ['x'], resume }, variables, true), ['x', '--resume', '/r/last']);
    assert.deepEqual(commandLine({ command: ['x'], resume: null }, variables, true), ['x']);
  });

  it('are arguments, not part of one', () => {
    assert.deepEqual(templateProblems('${resume}', true), []);
    assert.equal(templateProblems('a${resume}', true).length, 1);
    assert.equal(templateProblems('${resume}').length, 1);
  });
});

describe('a secret', () => {
  it('is told by the end of its name', () => {
    assert.deepEqual(['HF_TOKEN', 'WANDB_API_KEY', 'A_SECRET', 'db_password', 'KEYS', 'TOKENIZERS_PARALLELISM'].map(isSecret), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
