import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { RayError } from '../../../src/runs/ray/rayError.ts';
import { shellCommand } from '../../../src/runs/ray/shellCommand.ts';

/** Prints its arguments as JSON. */
const program = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--'];

/** Arguments as a program gets them that `sh` starts. */
function throughShell(args: readonly string[]): unknown {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', shellCommand([...program, ...args])], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe('a command as a text for a shell', () => {
  it('passes every argument on exactly as it is', () => {
    const nasty = [
      '',
      ' ',
      "it's",
      "'",
      "''",
      "'\\''",
      '"quoted"',
      '$HOME ${HOME} $(id) `id`',
      'a;b&c|d>e<f',
      '*?[a-z]~{x,y}!',
      '~',
      '~root/x',
      '#comment',
      '\\',
      'ends with \\',
      '\\n',
      'two\nlines\r\n',
      '\ttab',
      'NAME=value',
      '-n',
      '--',
      'trainer.seed=1',
      "data.files=['a.parquet','b c.parquet']",
      '+hydra={a:1,b:"$x"}',
      'ünïcödé 漢字 🙂',
      '\u001b[31m',
      '%1',
      '!!',
      'x'.repeat(100_000),
    ];
    assert.deepEqual(throughShell(nasty), nasty);
  });

  it('passes on every character there is, alone and between others', () => {
    const characters = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code + 1));
    assert.deepEqual(throughShell(characters), characters);
    assert.deepEqual(throughShell([characters.join('')]), [characters.join('')]);
  });

  it('starts programs, not words of the shell, and leaves the exit code alone', () => {
    const { status, stderr } = spawnSync('sh', ['-c', shellCommand(['NAME=value', 'exit'])], { encoding: 'utf8' });
    assert.equal(status, 127, stderr);
    assert.equal(spawnSync('sh', ['-c', shellCommand(['sh', '-c', 'exit 7'])]).status, 7);
    assert.equal(spawnSync('sh', ['-c', shellCommand(['sh', '-c', 'kill -9 $$'])]).signal, 'SIGKILL');
  });

  it('leaves arguments readable that mean nothing to a shell', () => {
    assert.equal(
      shellCommand(['python3', '-m', 'verl.trainer.main_ppo', 'algorithm.adv_estimator=grpo', "say 'hi'"]),
      "exec python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo 'say '\\''hi'\\'''",
    );
  });

  it('refuses what no program can be given', () => {
    assert.throws(
      () => shellCommand(['python3', 'a\0b']),
      (error: Error) => error instanceof RayError && /NUL character/.test(error.message),
    );
  });
});
