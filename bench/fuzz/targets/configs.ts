import { memoryNeed } from '../../../src/core/memory/memoryNeed.ts';
import type { Random } from '../../../src/core/random.ts';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import { mostCharacters } from '../../../src/runs/config/configTree.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import type { LoadedConfig } from '../../../src/runs/config/loadConfig.ts';
import { removeElement, setValue } from '../../../src/runs/inline/configEdit.ts';
import type { TextEdit } from '../../../src/core/inline/textEdit.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { planRuns } from '../../../src/runs/planning/planRuns.ts';
import { commandExample, configExample } from '../examples.ts';
import { mutatedText, mutatedValue, pick } from '../mutation.ts';
import { agree } from '../target.ts';
import type { FuzzTarget } from '../target.ts';

/** A text longer than a config may be, too. */
const most = 3 * mostCharacters;
const plain = JSON.stringify(parseConfig(configExample, 'a.otb.json').config);

function configText(random: Random): string {
  if (random.chance(0.4)) return JSON.stringify(mutatedValue(random, JSON.parse(plain) as unknown), null, random.integer(3)) ?? '';
  return mutatedText(random, pick(random, [configExample, commandExample, plain]), most);
}

export const configTargets: readonly FuzzTarget[] = [
  {
    name: 'configs',
    weight: 3,
    prepare(random) {
      const text = configText(random);
      return { size: text.length, run: () => load(text) };
    },
  },
  {
    name: 'configs being typed',
    weight: 6,
    prepare(random) {
      const text = random.chance(0.3) ? configExample : mutatedText(random, configExample, most);
      const value = pick(random, ['x"y', 3, 0.5, '']);
      const at = pick(random, [['steps'], ['optimizer', 'maxGradNorm'], ['checkpoint', 'every'], ['new'], ['task', 'new']] as const);
      const index = random.integer(4);
      return { size: text.length, run: () => edit(text, at, value, index) };
    },
  },
];

/** Either a config whose runs can be planned and have a size, or problems that each have a place and a remedy. */
function load(text: string): void {
  let loaded: LoadedConfig;
  try {
    loaded = parseConfig(text, 'a.otb.json');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    agree(problems.length > 0 && problems.length <= 100, `${problems.length} problems are told`);
    for (const { line, column, message, remedy } of problems) {
      agree(line > 0 && column > 0, `a problem has a place: ${message}`);
      agree(message !== '' && /[.?]$/.test(remedy) && message.length + remedy.length < 2000, `a problem has a remedy: ${message}`);
    }
    return;
  }
  const { config } = loaded;
  agree(config.estimators.length * config.seeds.length <= 1000, 'a config has at most 1000 runs');
  if (config.trainer !== 'builtin') return;
  const { engine, process } = memoryNeed(config, 'auto', 1);
  agree(engine > 0 && engine <= 2 ** 32 && Number.isFinite(process), 'a config that is accepted can be addressed');
  const runs = planRuns(loaded, { now: new Date(0), cwd: '/', git: null, runsDir: '/nowhere' });
  agree(new Set(runs.map(({ id }) => id)).size === runs.length, 'runs have ids of their own');
}

/** What is found in a text lies in it, and an edit of a whole config does what it says and no more. */
function edit(text: string, at: readonly [string] | readonly [string, string], value: string | number, index: number): void {
  const outline = new ConfigOutline(text);
  for (const { span } of outline.estimators) agree(span.offset >= 0 && span.offset + span.length <= text.length, 'spans lie in the text');
  void outline.config;
  const set = applied(text, setValue(outline, at, value));
  const removed = applied(text, removeElement(outline, ['estimators'], index));
  if (!outline.isComplete || typeof outline.value([]) !== 'object' || Array.isArray(outline.value([])) || outline.value([]) === null)
    return;
  if (hasRepeatedKeys(outline)) return;
  const after = new ConfigOutline(set);
  agree(after.isComplete, 'a config stays a config when a value is set');
  agree(Object.is(after.value(at), value), `${at.join('.')} has its new value`);
  const names = outline.value(['estimators']);
  if (!Array.isArray(names) || index >= names.length || names.length < 2) return;
  const rest = new ConfigOutline(removed);
  agree(rest.isComplete, 'a config stays a config when an element is removed');
  agree(JSON.stringify(rest.value(['estimators'])) === JSON.stringify(names.toSpliced(index, 1)), 'the element alone is removed');
}

function applied(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { offset, length, content } of edits.toSorted((a, b) => b.offset - a.offset))
    result = result.slice(0, offset) + content + result.slice(offset + length);
  return result;
}

/** Which of two equal keys an edit meets is not said. */
function hasRepeatedKeys(outline: ConfigOutline): boolean {
  const keys = (path: readonly string[]): readonly unknown[] =>
    outline.node(path)?.children?.map((property) => property.children?.[0]?.value) ?? [];
  return [[], ['optimizer'], ['checkpoint'], ['task']].some(
    (path) => outline.node(path)?.type === 'object' && new Set(keys(path)).size < keys(path).length,
  );
}
