import type { PolicyConfig } from '../../core/config/config.ts';
import type { PolicyArchitecture } from './policyProgram.ts';
import { gruPolicy } from './gru.ts';
import { transformerPolicy } from './transformer.ts';

/** The architecture that a config names. `maxTokens`: longest sequence, prompt included. */
export function createPolicy(config: PolicyConfig, vocabulary: number, maxTokens: number): PolicyArchitecture {
  switch (config.kind) {
    case 'gru':
      return gruPolicy({ ...config, vocabulary });
    case 'transformer':
      return transformerPolicy({ ...config, vocabulary, maxTokens });
  }
}
