import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endingOf } from '../../src/supervisor/ending.ts';
import { LastOutput } from '../../src/supervisor/lastOutput.ts';
import type { CommandEnd } from '../../src/supervisor/traces.ts';

const failed: CommandEnd = {
  of: 'command',
  code: 1,
  signal: null,
  stdout: '',
  stderr: '',
  lastStep: 41,
  earlierStep: null,
  steps: null,
  seconds: 100,
  wasAsked: false,
  oomKill: 'none',
  command: ['bash', 'train.sh'],
  python: null,
};
const sentenceOf = (changes: Partial<CommandEnd>): string => endingOf({ ...failed, ...changes }).sentence;
const remedyOf = (changes: Partial<CommandEnd>): string => endingOf({ ...failed, ...changes }).remedy ?? '';

/** A traceback as Python prints it, each line after the prefix. */
function traceback(error: string, files: readonly string[] = ['/home/me/train.py", line 88, in main'], prefix = ''): string {
  const frames = files.flatMap((file) => [`  File "${file}`, '    step()']);
  return ['Traceback (most recent call last):', ...frames, error].map((line) => `${prefix}${line}\n`).join('');
}

const inTorch = '/venv/lib/python3.11/site-packages/torch/nn/functional.py", line 2, in linear';

describe('the end of a command', () => {
  it('is that it was asked to stop, however it ended', () => {
    for (const changes of [{ code: 0 }, { code: null, signal: 'SIGKILL' }, { stderr: traceback('KeyboardInterrupt') }] as const) {
      const ending = endingOf({ ...failed, ...changes, wasAsked: true });
      assert.deepEqual(ending, { reason: 'stopped', sentence: 'Stopped on request after step 41.', remedy: null });
    }
    assert.equal(sentenceOf({ wasAsked: true, lastStep: null }), 'Stopped on request before the first step was logged.');
    // It was resumed, and has logged no step since.
    assert.equal(sentenceOf({ wasAsked: true, lastStep: null, earlierStep: 4 }), 'Stopped on request after step 4.');
    for (const changes of [{ code: 130 }, { code: null, signal: 'SIGINT' }, { stderr: traceback('KeyboardInterrupt') }] as const)
      assert.equal(endingOf({ ...failed, ...changes }).reason, 'stopped');
  });

  it('is its completion, with a remedy where nothing was logged', () => {
    assert.deepEqual(endingOf({ ...failed, code: 0 }), {
      reason: 'completed',
      sentence: 'The command has ended after step 41.',
      remedy: null,
    });
    const ending = endingOf({ ...failed, code: 0, lastStep: null, seconds: 0.4 });
    assert.equal(ending.sentence, 'The command ended after 0.4 s without having logged a step.');
    assert.match(ending.remedy ?? '', /foreground/);
    assert.match(remedyOf({ code: 0, lastStep: null, seconds: 1000 }), /"metrics"/);
  });

  it('of a run of TRL that leaves without an error before its last step is no completion', () => {
    const left = { ...failed, of: 'trl', code: 0, steps: 200 } as const;
    assert.equal(endingOf({ ...left, lastStep: 200 }).reason, 'completed');
    assert.equal(endingOf({ ...left, steps: null }).reason, 'completed');
    // Resumed from a checkpoint of the last step.
    assert.equal(endingOf({ ...left, lastStep: null, earlierStep: 200 }).reason, 'completed');
    const ending = endingOf(left);
    assert.equal(ending.reason, 'stopped');
    assert.equal(ending.sentence, 'The training ended early, after step 41 of 200, though nobody stopped it from here.');
    assert.equal(endingOf({ ...left, lastStep: null }).reason, 'failed');
  });

  it('is the memory of a GPU, of which the size is told', () => {
    const said =
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1 GiB is free.';
    const sentence = 'CUDA out of memory at step 41: Tried to allocate 2.00 GiB.';
    assert.equal(sentenceOf({ stderr: traceback(said, [inTorch]) }), sentence);
    assert.equal(sentenceOf({ stderr: traceback(said, [inTorch], '[rank3]: ') }), sentence);
    const worker = traceback(said, [inTorch], '\u001b[36m(WorkerDict pid=118848)\u001b[0m ');
    const driver = traceback('ray.exceptions.RayTaskError(OutOfMemoryError): ray::main_task() (pid=1, ip=10.0.0.1)');
    assert.equal(sentenceOf({ stdout: worker, stderr: driver }), sentence);
    assert.equal(sentenceOf({ stderr: `(EngineCore_0 pid=7) ERROR 01-02 core.py:1] ${said}\n`, code: 250 }), sentence);
    const second = traceback('torch.distributed.DistBackendError: NCCL error: remote process exited', [inTorch], '[rank1]: ');
    assert.equal(sentenceOf({ stderr: traceback(said, [inTorch], '[rank0]: ') + second }), sentence);
    assert.equal(sentenceOf({ stderr: traceback('RuntimeError: HIP out of memory.'), lastStep: null }), 'HIP out of memory.');
    assert.match(remedyOf({ stderr: traceback(said) }), /batch size/);
  });

  it('is the error of Python, with the place in a file of the user', () => {
    const message = 'ValueError: the batch is empty.';
    const frames = ['/home/me/train.py", line 88, in main', inTorch];
    assert.equal(sentenceOf({ stderr: traceback(message, frames) }), 'ValueError: the batch is empty (train.py:88), at step 41.');
    assert.equal(
      sentenceOf({ stderr: traceback(message, [inTorch]), lastStep: null }),
      'ValueError: the batch is empty (functional.py:2).',
    );
    assert.equal(sentenceOf({ stdout: traceback(message) }), 'ValueError: the batch is empty (train.py:88), at step 41.');
    const launcher = traceback("subprocess.CalledProcessError: Command '['python', 'train.py']' returned non-zero exit status 1.", [
      inTorch,
    ]);
    assert.equal(sentenceOf({ stderr: traceback(message) + launcher }), 'ValueError: the batch is empty (train.py:88), at step 41.');
    const long = sentenceOf({ stderr: traceback(`ValueError: ${'x'.repeat(5000)}`) });
    assert.ok(long.length < 400 && long.includes('…'));
  });

  it('is that of the process which had it, where others only tell of it', () => {
    const core = traceback(
      'ValueError: No available memory for the cache blocks.',
      [inTorch],
      '(EngineCore_0 pid=7) ERROR 06-01 22:03:23 [core.py:438] ',
    );
    const main = traceback('RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}', [inTorch]);
    assert.match(sentenceOf({ stderr: core + main }), /^ValueError: No available memory for the cache blocks \(functional\.py:2\)/);
    assert.match(sentenceOf({ stderr: main }), /^RuntimeError: Engine core initialization failed/);
  });

  it('is read from a traceback that rich has drawn', () => {
    const text =
      '╭──── Traceback (most recent call last) ────╮\n│ /home/me/train.py:88 in main │\n╰───────────────────╯\nValueError: bad\n';
    assert.equal(sentenceOf({ stderr: text }), 'ValueError: bad, at step 41.');
  });

  it('of a run of TRL is what our package says, whatever the other processes said after it', () => {
    const of = 'trl';
    const said = `The reward function exact returned nothing. Let it end with \`return\` and ${'a list of numbers, '.repeat(40)}one for each.`;
    const own = traceback(`otb_trl.errors.OTBError: ${said}`, [inTorch], '[rank0]: ');
    assert.deepEqual(endingOf({ ...failed, of, stderr: own }), { reason: 'failed', sentence: said, remedy: null });
    const others = traceback('RuntimeError: Connection closed by peer [127.0.0.1]:29500', [inTorch], '[rank1]: ');
    assert.equal(sentenceOf({ of, stderr: own + others }), said);
    const mine = traceback('KeyError: answer');
    assert.equal(sentenceOf({ of, stderr: mine }), 'KeyError: answer (train.py:88), at step 41.');
    assert.match(sentenceOf({ of: 'command', stderr: own }), /^otb_trl\.errors\.OTBError/);
  });

  it('of a run of TRL is what is not installed of TRL, and memory in the words of TRL', () => {
    const of = 'trl';
    const python = '/venv/bin/python';
    const install = 'into the Python that trains: /venv/bin/python -m pip install "trl>=1.16"';
    for (const module of ['trl', 'torch', 'transformers']) {
      const stderr = traceback(`ModuleNotFoundError: No module named '${module}'`);
      assert.deepEqual(endingOf({ ...failed, of, python, stderr }), {
        reason: 'failed',
        sentence: `The Python module ${module} is not installed.`,
        remedy: `Install ${module === 'trl' ? 'it' : 'TRL, which brings it,'} ${install}`,
      });
    }
    const launcher =
      "/venv/bin/python: Error while finding module specification for 'accelerate.commands.launch' (ModuleNotFoundError: No module named 'accelerate')\n";
    assert.equal(remedyOf({ of, python, stderr: launcher }), `Install TRL, which brings it, ${install}`);
    assert.match(
      remedyOf({ of, python, stderr: traceback("ModuleNotFoundError: No module named 'trl_extras'") }),
      /pip install trl_extras\./,
    );
    const old = traceback("ImportError: cannot import name 'GRPOConfig' from 'trl' (/venv/lib/python3.11/site-packages/trl/__init__.py)");
    assert.match(remedyOf({ of, python, stderr: old }), /pip install --upgrade "trl>=1\.16"$/);
    const memory = traceback('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 79 GiB.', [inTorch]);
    assert.equal(sentenceOf({ of, stderr: memory }), 'CUDA out of memory at step 41: Tried to allocate 2.00 GiB.');
    for (const key of ['per_device_train_batch_size', 'gradient_accumulation_steps', 'max_completion_length', 'gradient_checkpointing'])
      assert.ok(remedyOf({ of, stderr: memory }).includes(key), key);
    assert.match(sentenceOf({ of, code: null, signal: 'SIGKILL' }), /^The training was killed/);
  });

  it('is a module that is not installed, with the Python to install it into', () => {
    const stderr = traceback("ModuleNotFoundError: No module named 'verl.trainer'");
    assert.equal(sentenceOf({ stderr }), 'The Python module verl is not installed.');
    assert.match(remedyOf({ stderr, python: '/venv/bin/python' }), /: \/venv\/bin\/python -m pip install verl\./);
    assert.match(remedyOf({ stderr, command: ['/opt/python3.11', 'x.py'] }), /\/opt\/python3\.11 -m pip/);
    assert.equal(sentenceOf({ stderr: '/usr/bin/python3: No module named verl\n' }), 'The Python module verl is not installed.');
  });

  it('is the kernel that killed it for want of memory, as far as is known', () => {
    const killed = { code: null, signal: 'SIGKILL' } as const;
    assert.equal(sentenceOf({ ...killed, oomKill: 'here' }), "Killed by the kernel's out-of-memory killer at step 41.");
    assert.match(sentenceOf({ code: 137, oomKill: 'machine' }), /^Killed at step 41, it seems by the kernel's out-of-memory killer/);
    assert.equal(sentenceOf(killed), 'The command was killed (SIGKILL) from outside at step 41.');
    assert.match(remedyOf(killed), /out of memory/);
    const torchrun = `${traceback('torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ', [inTorch])}  exitcode  : -9 (pid: 14750)\n  traceback : Signal 9 (SIGKILL) received by PID 14750\n`;
    assert.equal(sentenceOf({ stderr: torchrun, oomKill: 'here' }), "Killed by the kernel's out-of-memory killer at step 41.");
    assert.equal(sentenceOf({ stderr: torchrun }), 'A process of the command was killed (SIGKILL) from outside at step 41.');
    assert.equal(
      sentenceOf({ stderr: traceback('ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.') }),
      'Ray killed a process at step 41, because the machine was running out of memory.',
    );
    assert.equal(sentenceOf({ stderr: traceback('MemoryError') }), 'Out of memory at step 41.');
    assert.equal(
      sentenceOf({ stderr: traceback('numpy._core._exceptions._ArrayMemoryError: Unable to allocate 3 GiB for an array') }),
      'Out of memory at step 41: Unable to allocate 3 GiB for an array.',
    );
  });

  it('is a signal, also where a shell tells of it by its exit code', () => {
    assert.match(sentenceOf({ code: null, signal: 'SIGSEGV' }), /^The command crashed with a segmentation fault \(SIGSEGV\) at step 41\.$/);
    assert.equal(sentenceOf({ code: 139 }), sentenceOf({ code: null, signal: 'SIGSEGV' }));
    assert.match(
      sentenceOf({ code: 134, stderr: 'what():  CUDA error: unspecified launch failure\n' }),
      /SIGABRT.*: what\(\): {2}CUDA error/,
    );
    assert.match(sentenceOf({ code: 143 }), /from outside \(SIGTERM\)/);
  });

  it('is what a shell does not find, or may not execute', () => {
    assert.equal(sentenceOf({ code: 127, stderr: 'train.sh: line 3: torchrun: command not found\n' }), 'The shell did not find torchrun.');
    assert.equal(sentenceOf({ code: 127, stderr: 'sh: 1: torchrun: not found\n' }), 'The shell did not find torchrun.');
    assert.equal(sentenceOf({ code: 127, stderr: 'env: ‘pythn’: No such file or directory\n' }), 'The shell did not find pythn.');
    const refused = { code: 126, stderr: 'bash: line 1: ./run.sh: Permission denied\n' };
    assert.deepEqual(
      [sentenceOf(refused), remedyOf(refused)],
      ['The shell may not execute ./run.sh.', 'Make it executable: chmod +x ./run.sh'],
    );
  });

  it('is a disk, a network of GPUs, a driver or a cluster that failed', () => {
    assert.equal(
      sentenceOf({ stderr: traceback("OSError: [Errno 28] No space left on device: '/data/ckpt.pt'") }),
      'The disk is full at step 41: /data/ckpt.pt could not be written.',
    );
    const watchdog =
      '[rank0]:[E321 02:07:08.4 ProcessGroupNCCL.cpp:607] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1580, OpType=ALLREDUCE, NumelIn=4, NumelOut=4, Timeout(ms)=600000) ran for 600060 milliseconds before timing out.\n';
    const nccl = { code: 134, stderr: `${watchdog}terminate called after throwing an instance of 'c10::DistBackendError'\n` };
    assert.equal(sentenceOf(nccl), 'NCCL gave up at step 41: not all processes came to ALLREDUCE within 10 min 00 s.');
    assert.match(sentenceOf({ stderr: traceback('RuntimeError: No CUDA GPUs are available') }), /finds no usable GPU/);
    assert.match(sentenceOf({ stderr: traceback('ConnectionError: Could not find any running Ray instance. Please') }), /Ray cluster/);
    const died = traceback('ray.exceptions.ActorDiedError: The actor died unexpectedly before finishing this task.');
    assert.match(sentenceOf({ stderr: died }), /^ray\.exceptions\.ActorDiedError: The actor died/);
    assert.match(remedyOf({ stderr: died }), /memory/);
  });

  it('is not what a warning said before another error', () => {
    const stderr = `warning: No space left on device\n${traceback('ValueError: bad')}`;
    assert.equal(sentenceOf({ stderr }), 'ValueError: bad (train.py:88), at step 41.');
  });

  it('is otherwise its exit code with its last words, of a progress bar none', () => {
    const stderr =
      'usage: train.py\ntrain.py: error: unrecognized arguments: --foo\n\u001b[31mtry --help\u001b[0m\n 5%|▌  | 3/60 [00:12<03:48]\r';
    assert.equal(
      sentenceOf({ code: 2, stderr }),
      'The command ended with exit code 2 at step 41: train.py: error: unrecognized arguments: --foo.',
    );
    assert.equal(sentenceOf({ code: 3, lastStep: null, stderr: 'bye\n' }), 'The command ended with exit code 3: bye.');
    assert.equal(sentenceOf({ code: 3 }), 'The command ended with exit code 3 at step 41, and said nothing.');
  });

  it('is found in whatever was printed', () => {
    const junk = [
      '\0\u001b]0;',
      '(a pid=1'.repeat(5000),
      'Traceback (most recent call last):\n'.repeat(3000),
      `${'['.repeat(60_000)}`,
      '\r'.repeat(60_000),
    ];
    for (const stderr of junk) assert.equal(endingOf({ ...failed, stderr }).reason, 'failed');
  });
});

describe('the last output', () => {
  it('is the end of what came, and no more of it is kept', () => {
    const output = new LastOutput();
    for (let index = 0; index < 20_000; index++) output.feed(Buffer.from(`line ${index}\n`));
    assert.ok(output.text.endsWith('line 19998\nline 19999\n'));
    assert.ok(output.text.length <= 1 << 16);
    output.feed(Buffer.alloc(1 << 20, 'x'));
    assert.equal(output.text, 'x'.repeat(1 << 16));
  });
});
