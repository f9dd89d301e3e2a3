import type { Layout } from '../../../core/memory/engineLayout.ts';
import type { PolicyMemory } from '../../policies/policyProgram.ts';

/** The policy's view of a layout, in one thread. */
export function policyMemory(layout: Layout, buffer: ArrayBufferLike, thread: number): PolicyMemory {
  const { maxTokens, vocabulary } = layout.capacity;
  const offsetOf = (name: string): number => {
    const offset = layout.tensorOffsets.get(name);
    if (offset === undefined) throw new Error(`The policy has no tensor "${name}".`);
    return offset;
  };
  return {
    buffer,
    maxTokens,
    vocabulary,
    parameter: (name) => layout.parameters + offsetOf(name),
    gradientOffset: offsetOf,
    derived: layout.derived,
    slot: (sequence) => layout.slots + sequence * layout.slotBytes,
    scratch: layout.scratch[thread]!,
    tokens: (sequence) => layout.tokens + 4 * sequence * maxTokens,
    logits: (sequence) => layout.logits + 4 * sequence * maxTokens * vocabulary,
  };
}
