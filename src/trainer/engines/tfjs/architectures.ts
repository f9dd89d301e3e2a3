import type { PolicyConfig } from '../../../core/config/config.ts';
import { gruPolicy } from './gru.ts';
import type { TfjsPolicy } from './policy.ts';
import { transformerPolicy } from './transformer.ts';

/** The policy that a config names. */
export function createTfjsPolicy(config: PolicyConfig): TfjsPolicy {
  switch (config.kind) {
    case 'gru':
      return gruPolicy(config);
    case 'transformer':
      return transformerPolicy(config);
  }
}
