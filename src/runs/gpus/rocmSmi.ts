import type { Gpu } from '../../core/gpus/gpu.ts';
import { isObject, parse } from '../../core/records/json.ts';
import { childOutput } from '../process/childOutput.ts';
import { failed, lists } from './gpuTool.ts';
import type { GpuTool } from './gpuTool.ts';
import { mebibytesIn, numberIn } from './toolValue.ts';

const shown = ['--showproductname', '--showdriverversion', '--showuse', '--showmeminfo', 'vram', '--showpower', '--showtemp'];

/**
 * AMD's tool before ROCm 6. Its JSON is that of `rocm_smi.py` in ROCm/rocm_smi_lib, whose labels changed between versions. It tells of
 * processes on how many GPUs they are, but not on which.
 */
export const rocmSmi: GpuTool = {
  name: 'rocm-smi',
  async ask(env, timeoutMs) {
    const output = await childOutput('rocm-smi', [...shown, '--json'], timeoutMs, env);
    if (!output.ok) return failed(output.isMissing ? null : `rocm-smi does not work: ${output.reason.replace(/[.:]+$/, '')}`);
    const gpus = parseRocmGpus(output.stdout);
    return gpus.length > 0 ? lists(gpus) : failed('rocm-smi lists no GPU');
  },
};

function parseRocmGpus(text: string): readonly Gpu[] {
  // Warnings may stand before it.
  const value = parse(text.slice(Math.max(0, text.search(/^\{/m))));
  if (!isObject(value)) return [];
  const driver = labelled(value['system'], /^driver version$/i);
  return Object.entries(value).flatMap(([card, labels]): readonly Gpu[] => {
    const index = /^card(\d{1,4})$/.exec(card)?.[1];
    if (index === undefined || !isObject(labels)) return [];
    const total = labelled(labels, /^vram total memory \(b\)$/i);
    const used = labelled(labels, /^vram total used memory \(b\)$/i);
    return [
      {
        index: Number(index),
        name: labelled(labels, /^card series$/i) || labelled(labels, /^card model$/i) || 'AMD GPU',
        uuid: null,
        driver: driver === '' ? null : driver,
        utilization: numberIn(labelled(labels, /^gpu use \(%\)$/i)),
        memoryMiB: mebibytesIn(total, 'B'),
        memoryUsedMiB: mebibytesIn(used, 'B'),
        powerWatts: numberIn(labelled(labels, /^(?:average|current socket) graphics package power \(w\)$/i)),
        temperatureCelsius: numberIn(
          labelled(labels, /^temperature \(sensor edge\) \(c\)$/i) || labelled(labels, /^temperature \(sensor junction\) \(c\)$/i),
        ),
        hasDisplay: false,
        processes: null,
      },
    ];
  });
}

/** The text of the first label of this kind; empty: there is none. */
function labelled(labels: unknown, label: RegExp): string {
  if (!isObject(labels)) return '';
  const [, text] = Object.entries(labels).find(([name]) => label.test(name)) ?? [];
  return typeof text === 'string' ? text.trim() : typeof text === 'number' ? String(text) : '';
}
