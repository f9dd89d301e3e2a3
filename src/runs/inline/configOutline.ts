import { findNodeAtLocation } from 'jsonc-parser';
import type { Node } from 'jsonc-parser';
import type { Config } from '../../core/config/config.ts';
import type { ConfigPath } from '../../core/config/findings.ts';
import type { TextSpan } from '../../core/inline/textEdit.ts';
import { parseConfigTree, valueOf } from '../config/configTree.ts';
import { checkConfig } from '../config/loadConfig.ts';

/** An estimator's string as it stands in the list. */
export interface NamedEstimator {
  readonly name: string;
  readonly index: number;
  /** With its quotes. */
  readonly span: TextSpan;
}

/** What a config's text says at this moment, and where; made for text that is being typed, so it takes whatever can be read of it. */
export class ConfigOutline {
  /** Whether the text is JSON (with comments and trailing commas) as a whole. */
  readonly isComplete: boolean;
  readonly estimators: readonly NamedEstimator[];
  private readonly root: Node | undefined;
  private checked: { readonly config: Config | undefined } | undefined;

  constructor(readonly text: string) {
    const { root, errors } = parseConfigTree(text);
    this.root = root;
    this.isComplete = root !== undefined && errors.length === 0;
    const entries = this.node(['estimators'])?.children ?? [];
    const named = entries.flatMap((entry, index): NamedEstimator[] =>
      typeof entry.value === 'string' ? [{ name: entry.value, index, span: entry }] : [],
    );
    this.estimators = named.map(({ name, index, span: { offset, length } }) => ({ name, index, span: { offset, length } }));
  }

  /** Where the value at `path` stands; undefined where the text has none. */
  span(path: ConfigPath): TextSpan | undefined {
    const node = this.node(path);
    return node && { offset: node.offset, length: node.length };
  }

  /** Where the key of the value at `path` stands. */
  keySpan(path: ConfigPath): TextSpan | undefined {
    const key = this.node(path)?.parent?.children?.[0];
    return key && { offset: key.offset, length: key.length };
  }

  value(path: ConfigPath): unknown {
    const node = this.node(path);
    return node && valueOf(node);
  }

  /** The config with its defaults; undefined while the text is none. */
  get config(): Config | undefined {
    this.checked ??= { config: this.isComplete && this.root ? checkConfig(valueOf(this.root)).config : undefined };
    return this.checked.config;
  }

  node(path: ConfigPath): Node | undefined {
    return this.root && findNodeAtLocation(this.root, [...path]);
  }
}
