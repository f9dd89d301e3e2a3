import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gpuReadings } from '../../../src/core/gpus/gpu.ts';
import type { Gpu } from '../../../src/core/gpus/gpu.ts';
import { findGpus } from '../../../src/runs/gpus/findGpus.ts';
import { parseNvidiaGpus, parseNvidiaProcesses } from '../../../src/runs/gpus/nvidiaSmi.ts';
import { fakeNvidia, uuidOf, withTools } from './fakeTools.ts';

const fixtures = path.resolve('test/data/gpus');
const fixture = (name: string): string => readFileSync(path.join(fixtures, name), 'utf8');
const numbers = ({ index, utilization, memoryUsedMiB, memoryMiB, temperatureCelsius, powerWatts }: Gpu): readonly (number | null)[] => [
  index,
  utilization,
  memoryUsedMiB,
  memoryMiB,
  temperatureCelsius,
  powerWatts,
];
const posix = { skip: process.platform === 'win32' };

describe('what nvidia-smi prints', () => {
  it('is read by the names of its columns, with units', () => {
    const gpus = parseNvidiaGpus(fixture('query-units.csv'));
    assert.deepEqual(gpus.map(numbers), [
      [0, 98, 71234, 81559, 64, 655.21],
      [1, 0, 4, 81559, 31, 69.95],
      [2, null, 512, 81559, 35, 88.02],
      [3, 12, 745, 6144, 52, 18.33],
    ]);
    assert.equal(gpus[3]?.name, 'NVIDIA GeForce RTX 3060 Laptop GPU');
    assert.equal(gpus[3]?.uuid, 'GPU-3a1f9e02-0000-4b8a-9e2d-000000000003');
  });

  it('is read in the order that was asked for, where it has neither names nor units', () => {
    const fields = ['index', 'name', 'utilization.gpu', 'memory.used', 'memory.total', 'temperature.gpu', 'power.draw'];
    assert.deepEqual(parseNvidiaGpus(fixture('query-noheader-nounits.csv'), fields).map(numbers), [
      [0, 98, 71234, 81559, 64, 655.21],
      [1, 0, 4, 81559, 31, 69.95],
      [2, null, 512, 81559, 35, 88.02],
    ]);
  });

  it('may say of anything that it is not known', () => {
    const [gpu] = parseNvidiaGpus(
      'index, utilization.gpu, memory.used, power.draw\n0, [Not Supported], [Unknown Error], [GPU requires reset]\n',
    );
    assert.deepEqual(gpu && numbers(gpu), [0, null, null, null, null, null]);
    assert.deepEqual(gpu && gpuReadings(gpu), []);
  });

  it('lists processes, whose names may have commas, and none where it is something else', () => {
    const text =
      'gpu_uuid, pid, used_gpu_memory [MiB], process_name\nGPU-1, 42, 100 MiB, /opt/a, b/python3\nGPU-1, 43, [N/A], [Not Found]\nGPU-1, x, 1, y\n';
    assert.deepEqual(parseNvidiaProcesses(text), [
      { uuid: 'GPU-1', pid: 42, name: 'python3', memoryMiB: 100 },
      { uuid: 'GPU-1', pid: 43, name: '', memoryMiB: null },
    ]);
    assert.equal(parseNvidiaProcesses(fixture('query-units.csv')), null);
  });

  for (const text of [
    '',
    '\0\0',
    ',,,,\n',
    'index\n',
    `index, name\n${'9'.repeat(400)}, x\n`,
    `index, memory.used\n0, ${'1'.repeat(4000)}\n`,
  ]) {
    it(`is no GPU of absurd numbers, whatever it is: ${JSON.stringify(text.slice(0, 20))}`, () => {
      for (const gpu of parseNvidiaGpus(text)) assert.ok(gpu.index < 1e10 && (gpu.memoryUsedMiB ?? 0) < 1e16);
    });
  }
});

describe('the GPUs of a machine', () => {
  it('are those of nvidia-smi, each with its processes', posix, async () => {
    const { env } = fakeNvidia([{ used: 71234, utilization: 83, processes: { 4242: 71200 } }, {}]);
    const survey = await findGpus(env);
    assert.ok(survey.kind === 'found' && survey.tool === 'nvidia-smi');
    assert.deepEqual(
      survey.gpus.map(({ index, uuid, processes }) => ({ index, uuid, processes })),
      [
        { index: 0, uuid: uuidOf(0), processes: [{ pid: 4242, name: 'python3', memoryMiB: 71200 }] },
        { index: 1, uuid: uuidOf(1), processes: [] },
      ],
    );
    assert.deepEqual(survey.gpus.map(gpuReadings), [
      ['83 %', '69.6 of 79.6 GiB', '70 W', '31 °C'],
      ['0 %', '4 MiB of 79.6 GiB', '70 W', '31 °C'],
    ]);
  });

  it('are known without their processes, where these cannot be listed', posix, async () => {
    const env = withTools({ 'nvidia-smi': `case "$1" in --query-gpu=*) exec cat "${fixtures}/query-units.csv";; *) exit 1;; esac` });
    const survey = await findGpus(env);
    assert.ok(survey.kind === 'found');
    assert.deepEqual(
      survey.gpus.map(({ processes }) => processes),
      [null, null, null, null],
    );
  });

  const failures: readonly (readonly [string, NodeJS.ProcessEnv | (() => NodeJS.ProcessEnv), RegExp])[] = [
    ['no tool', () => withTools({}), /^no GPU tool is on the PATH: nvidia-smi comes with the driver of NVIDIA/],
    [
      'no driver',
      () => withTools({ 'nvidia-smi': `cat "${fixtures}/no-driver.txt"; exit 9` }),
      /^nvidia-smi is installed, but the NVIDIA driver is not loaded: install it/,
    ],
    [
      'no devices',
      () => withTools({ 'nvidia-smi': `cat "${fixtures}/no-devices.txt"; exit 6` }),
      /^nvidia-smi finds the NVIDIA driver, but no GPU:/,
    ],
    [
      'no devices, and no error',
      () => withTools({ 'nvidia-smi': `cat "${fixtures}/no-devices.txt"` }),
      /^nvidia-smi finds the NVIDIA driver/,
    ],
    [
      'an update without a restart',
      () => withTools({ 'nvidia-smi': 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18' }),
      /updated and the old one is still loaded: restart the machine$/,
    ],
    [
      'a container that has lost its GPUs',
      () => withTools({ 'nvidia-smi': 'echo "Failed to initialize NVML: Unknown Error"; exit 255' }),
      /in a container, start it again with its GPUs/,
    ],
    [
      'a GPU that is lost',
      () => withTools({ 'nvidia-smi': 'echo "Unable to determine the device handle for GPU0: GPU is lost."; exit 15' }),
      /^nvidia-smi does not work: Unable to determine the device handle for GPU0: GPU is lost$/,
    ],
  ];
  for (const [what, env, words] of failures) {
    it(`are none, with the reason: ${what}`, posix, async () => {
      const survey = await findGpus(typeof env === 'function' ? env() : env);
      assert.ok(survey.kind === 'none');
      assert.match(survey.problem, words);
    });
  }

  it('are given up where the tool hangs', posix, async () => {
    const survey = await findGpus(withTools({ 'nvidia-smi': 'exec sleep 60' }), 200);
    assert.deepEqual(survey, { kind: 'none', problem: 'nvidia-smi does not work: no answer within 0.2 s' });
  });
});

// Shapes as amdsmi_commands.py and rocm_smi.py print them.
describe('the GPUs of a machine of AMD', () => {
  const metrics = (index: number, used: number): object => ({
    gpu: index,
    usage: { gfx_activity: { value: 47, unit: '%' }, umc_activity: { value: 1, unit: '%' } },
    power: { socket_power: { value: 512, unit: 'W' }, gfx_voltage: 'N/A' },
    temperature: { edge: 'N/A', hotspot: { value: 61, unit: 'C' } },
    mem_usage: { total_vram: { value: 196_592, unit: 'MB' }, used_vram: { value: used, unit: 'MB' } },
  });
  const statics = [0, 1].map((gpu) => ({
    gpu,
    asic: { market_name: 'AMD Instinct MI300X' },
    driver: { name: 'amdgpu', version: '6.8.5' },
  }));
  const processes = [
    {
      gpu: 0,
      process_list: [
        {
          process_info: {
            name: '/usr/bin/python3',
            pid: 4242,
            memory_usage: { vram_mem: { value: 2 ** 30, unit: 'B' } },
            mem_usage: { value: 2 ** 31, unit: 'B' },
          },
        },
      ],
    },
    { gpu: 1, process_list: [{ process_info: 'No running processes detected' }] },
  ];
  const amd = (wrap: (entries: readonly object[]) => unknown): NodeJS.ProcessEnv => {
    const print = (entries: readonly object[]): string => `echo '${JSON.stringify(wrap(entries))}'`;
    return withTools({
      'amd-smi': `case "$1" in metric) ${print([metrics(0, 4096), metrics(1, 284)])};; static) ${print(statics)};; process) ${print(processes)};; esac`,
    });
  };

  for (const [what, wrap] of [
    ['a list', (entries: readonly object[]) => entries],
    ['a list with a name', (entries: readonly object[]) => ({ gpu_data: entries })],
  ] as const) {
    it(`are those of amd-smi, which prints ${what}`, posix, async () => {
      const survey = await findGpus(amd(wrap));
      assert.ok(survey.kind === 'found' && survey.tool === 'amd-smi');
      assert.deepEqual(survey.gpus.map(numbers), [
        [0, 47, 4096, 196_592, 61, 512],
        [1, 47, 284, 196_592, 61, 512],
      ]);
      assert.deepEqual(
        survey.gpus.map(({ name, driver }) => [name, driver]),
        Array(2).fill(['AMD Instinct MI300X', '6.8.5']),
      );
      assert.deepEqual(
        survey.gpus.map((gpu) => gpu.processes),
        [[{ pid: 4242, name: 'python3', memoryMiB: 1024 }], []],
      );
    });
  }

  it('are those of rocm-smi where there is no amd-smi', posix, async () => {
    const card = {
      'Card Series': 'AMD Instinct MI250X',
      'GPU use (%)': '12',
      'VRAM Total Memory (B)': '68702699520',
      'VRAM Total Used Memory (B)': '10960896',
      'Average Graphics Package Power (W)': '93.0',
      'Temperature (Sensor edge) (C)': '41.0',
    };
    const printed = JSON.stringify({ card0: card, card1: { ...card, 'GPU use (%)': 'N/A' }, system: { 'Driver version': '6.3.6' } });
    const survey = await findGpus(
      withTools({ 'rocm-smi': `echo 'WARNING: AMD GPU device(s) is/are in a low-power state.'; echo '${printed}'` }),
    );
    assert.ok(survey.kind === 'found' && survey.tool === 'rocm-smi');
    assert.deepEqual(
      survey.gpus.map(({ index, name, driver, utilization }) => [index, name, driver, utilization]),
      [
        [0, 'AMD Instinct MI250X', '6.3.6', 12],
        [1, 'AMD Instinct MI250X', '6.3.6', null],
      ],
    );
    assert.deepEqual(survey.gpus.map(gpuReadings)[0], ['12 %', '10.5 MiB of 64 GiB', '93 W', '41 °C']);
  });

  it('are none where the tool prints something else', posix, async () => {
    for (const text of ['[]', '{}', 'null', '[{"gpu":-1}]', '[[[', 'ERROR:root:Driver not initialized (amdgpu not found in modules)']) {
      const survey = await findGpus(withTools({ 'amd-smi': `cat <<'END'\n${text}\nEND`, 'rocm-smi': `cat <<'END'\n${text}\nEND` }));
      assert.deepEqual(survey, { kind: 'none', problem: 'amd-smi lists no GPU' });
    }
  });
});
