import { isObject } from '../../../core/records/json.ts';
import type { RunFacts } from '../format.ts';
import { flattened, parameterFacts } from '../parameters.ts';
import { BracketDepth, pythonLiteral } from '../pythonLiteral.ts';
import type { TerminalLine } from '../terminalText.ts';

/** Beyond these a printed dict is no config: verl's own has 800 lines. */
const limits = { characters: 1 << 20, lines: 20_000, processes: 8 } as const;

interface Printed {
  readonly lines: string[];
  readonly brackets: BracketDepth;
  characters: number;
}

/**
 * Finds the config that verl prints at its start: `pprint` of a dict over hundreds of lines, between which other processes print theirs.
 */
export class VerlConfigReader {
  private readonly printed = new Map<string, Printed>();

  /** What the config says that this line completes; undefined: it completes none. */
  take({ text, process }: TerminalLine): RunFacts | undefined {
    let printed = this.printed.get(process);
    if (!printed) {
      if (!/^\{'\w+':/.test(text) || this.printed.size >= limits.processes) return undefined;
      this.printed.set(process, (printed = { lines: [], brackets: new BracketDepth(), characters: 0 }));
    } else if (!text.startsWith(' ')) {
      // Of somebody else, whose lines Ray does not mark: pprint indents all lines but the first.
      return undefined;
    }
    printed.lines.push(text);
    printed.characters += text.length;
    printed.brackets.take(text);
    const isOver = printed.characters > limits.characters || printed.lines.length > limits.lines;
    if (printed.brackets.depth > 0 && !isOver) return undefined;
    this.printed.delete(process);
    const config = isOver ? undefined : pythonLiteral(printed.lines.join('\n'));
    return isVerlConfig(config) ? factsOf(config) : undefined;
  }

  /** A record ends what was printed before it, whole or not. */
  clear(): void {
    this.printed.clear();
  }
}

function isVerlConfig(config: unknown): config is Readonly<Record<string, unknown>> {
  return isObject(config) && isObject(config['trainer']) && (isObject(config['data']) || isObject(config['actor_rollout_ref']));
}

function factsOf(config: Readonly<Record<string, unknown>>): RunFacts {
  const facts = parameterFacts(flattened(config, '', {}, { withLists: true }));
  const { 'trainer.experiment_name': name, 'trainer.project_name': group } = facts.parameters ?? {};
  return { ...facts, ...(isText(name) && { name }), ...(isText(group) && { group }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
