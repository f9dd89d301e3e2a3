import type { PolicyConfig } from '../../core/config/config.ts';
import type { PolicyArchitecture } from '../engines/wasm/policyProgram.ts';
import { gruPolicy } from './gru.ts';

/** The architecture that a config names. `maxTokens`: longest sequence, prompt included. */
export function createPolicy(config: PolicyConfig, vocabulary: number, _maxTokens: number): PolicyArchitecture {
  switch (config.kind) {
    case 'gru':
      return gruPolicy({ ...config, vocabulary });
    case 'transformer':
      throw new Error('not wired yet: see transformerPolicy({...config, vocabulary, maxTokens})');
  }
}
