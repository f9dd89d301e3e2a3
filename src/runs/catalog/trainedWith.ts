import { counted } from '../../core/notation.ts';
import type { RunRecord } from '../../core/records/run.ts';

/** What trains a run, in words by name: an engine and where it calculates; with TRL the model, the dataset and the reward. */
export function trainedWith({
  config,
  engine,
  device,
  engineReason,
}: Pick<RunRecord, 'config' | 'engine' | 'device' | 'engineReason'>): readonly (readonly [name: string, value: string])[] {
  if (config.trainer !== 'trl') {
    return [
      ['Engine', [engine, ...(device === '' ? [] : [`on ${device}`]), ...(engineReason === '' ? [] : [`(${engineReason})`])].join(' ')],
    ];
  }
  const { model, dataset, reward, tools } = config;
  return [
    ['Trainer', 'TRL'],
    [
      'Model',
      typeof model === 'string'
        ? model
        : `made from scratch, ${counted(model.layers, 'layer')}, width ${model.width}, ${counted(model.heads, 'head')}`,
    ],
    [
      'Dataset',
      typeof dataset === 'string' ? dataset : [dataset.path, ...(dataset.name === null ? [] : [dataset.name]), dataset.split].join(', '),
    ],
    ['Reward', reward.join(' + ')],
    ...(tools.length === 0 ? [] : [['Tools', tools.join(', ')] as const]),
  ];
}
