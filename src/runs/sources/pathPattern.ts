import path from 'node:path';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import type { RunAssignment } from './foreignIdentity.ts';
import { tellingParts } from './sourceName.ts';

const placeholders = ['estimator', 'seed', 'group', 'name'] as const;
type Placeholder = (typeof placeholders)[number];

/** What a placeholder stands for, within one part of a path. */
const pieces: Readonly<Record<Placeholder, string>> = { estimator: '(.+?)', seed: '(\\d{1,15})', group: '(.+?)', name: '(.+?)' };

/** Longer ones are no names that anybody gives to a run. */
const longestPart = 300;

/**
 * A pattern over the end of a path, such as `{group}/{estimator}-s{seed}`: each part between slashes stands for one part of the path, the
 * last for the file or folder of the run without its ending. `{name}` stands for anything.
 */
export class PathPattern {
  private readonly parts: readonly { readonly pattern: RegExp; readonly names: readonly Placeholder[] }[];

  private constructor(parts: PathPattern['parts']) {
    this.parts = parts;
  }

  /** A string says what is wrong with the pattern. */
  static parse(text: string): PathPattern | string {
    const parts = [];
    const all = new Set<Placeholder>();
    for (const part of text.split('/')) {
      const tokens = part.split(/(\{[^{}]*\})/);
      const names: Placeholder[] = [];
      let source = '';
      for (const [index, token] of tokens.entries()) {
        if (index % 2 === 0) {
          if (/[{}]/.test(token)) return `"${part}" has a brace without its other half. Write {estimator}, {seed}, {group} or {name}.`;
          source += token.replaceAll(/[\\^$.*+?()[\]|/]/g, '\\$&');
          continue;
        }
        const name = placeholders.find((one) => token === `{${one}}`);
        if (name === undefined) return `${token} is not known. Known: {estimator}, {seed}, {group} and {name}.`;
        if (name !== 'name' && all.has(name)) return `{${name}} stands twice in it.`;
        all.add(name);
        names.push(name);
        source += pieces[name];
      }
      if (part === '') return 'It has an empty part between two slashes, or at an end.';
      if (names.length > 3) return `"${part}" has more than three placeholders.`;
      parts.push({ pattern: new RegExp(`^${source}$`), names });
    }
    if (!all.has('estimator') && !all.has('seed') && !all.has('group')) return 'It has none of {estimator}, {seed} and {group}.';
    return new PathPattern(parts);
  }

  /** What the path of a run says; undefined: it does not fit. */
  match(source: string): Pick<RunAssignment, 'estimator' | 'seed' | 'group'> | undefined {
    const parts = tellingParts(source).slice(-this.parts.length);
    if (parts.length < this.parts.length) return undefined;
    const found: { estimator?: string; seed?: number; group?: string } = {};
    for (const [index, { pattern, names }] of this.parts.entries()) {
      const part = parts[index] ?? '';
      const match = part.length > longestPart ? null : pattern.exec(part);
      if (!match) return undefined;
      for (const [at, name] of names.entries()) {
        const value = match[at + 1] ?? '';
        if (name === 'seed') found.seed = Number(value);
        else if (name !== 'name') found[name] = value;
      }
    }
    return found;
  }
}

const estimatorsFirst = [...estimatorNames].toSorted((a, b) => b.length - a.length);

/**
 * What a run's name says by itself, where it ends like "grpo-s1" or "exp_dr_grpo_seed3": an estimator that is known here, and a seed.
 * Undefined: it does not.
 */
export function namedEstimator(name: string): { readonly estimator: string; readonly seed: number | undefined } | undefined {
  if (name.length > longestPart) return undefined;
  const [, stem = name, seed] = /^(.+?)[-_.](?:s|seed[-_=]?)(\d{1,15})$/i.exec(name) ?? [];
  const lower = stem.toLowerCase();
  const estimator = estimatorsFirst.find((known) => lower.endsWith(known) && /^$|[^a-z0-9]$/.test(lower.slice(0, -known.length)));
  return estimator === undefined ? undefined : { estimator, seed: seed === undefined ? undefined : Number(seed) };
}

/** A pattern that may fit a path, to begin with. */
export function guessedPattern(source: string): string {
  const name = tellingParts(source).at(-1) ?? path.basename(source);
  return /[-_.](?:s|seed[-_=]?)\d+$/i.test(name)
    ? `{group}/${name.replace(/^(.+?)([-_.](?:s|seed[-_=]?))\d+$/i, '{estimator}$2{seed}')}`
    : '{group}/{estimator}-s{seed}';
}
