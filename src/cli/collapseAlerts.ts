import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { integerText } from '../core/notation.ts';
import { isCollapse, isLifecycleEvent } from '../core/records/events.ts';
import type { CollapseEvent } from '../core/records/events.ts';
import { stringify } from '../core/records/json.ts';
import type { MetricsRecord } from '../core/records/metrics.ts';
import { comparedAs } from '../core/records/runIdentity.ts';
import type { RunIdentity } from '../core/records/runIdentity.ts';
import type { RunChange } from '../runs/directory/runFollower.ts';
import { detectorFor } from '../runs/inspection/detectCollapse.ts';
import { findProgram, isPath, isProgramFile } from '../runs/process/findProgram.ts';
import type { CommandContext } from './context.ts';
import { badInput } from './exit.ts';

/** Whom somebody wants told of a collapse. */
export interface AlertTargets {
  /** A program, which gets a JSON document on its standard input. */
  readonly exec?: string;
  /** An address, which the document is posted to. */
  readonly webhook?: string;
}

/** Milliseconds that a program, and one try at an address, may take. */
const execLimitMs = 60_000;
const webhookLimitMs = 10_000;
/** Milliseconds before the second and the third try. */
const pausesMs = [1000, 5000];

/** Tells a program, an address or both of collapses, each once. That one of them fails is noted, and keeps nothing else from going on. */
export class CollapseAlerts {
  private readonly told = new Set<string>();
  private readonly open = new Set<Promise<void>>();
  private readonly program: string | undefined;
  private readonly address: URL | undefined;

  /** Throws a CommandError where there is no such program, or the address is none: better now than at the collapse. */
  constructor(
    { exec, webhook }: AlertTargets,
    private readonly context: Pick<CommandContext, 'output' | 'cwd' | 'env'>,
  ) {
    this.program = exec === undefined ? undefined : programFile(exec, context);
    this.address = webhook === undefined ? undefined : addressOf(webhook);
  }

  /**
   * Listens to what is told of a run. A run of the built-in trainer is judged by its metrics, as everywhere in `otb watch`: its process may
   * have died before it could say what they mean. `source`: where the run is.
   */
  listener(source: string, begun: RunIdentity): (change: RunChange) => void {
    if (this.program === undefined && this.address === undefined) return () => undefined;
    let identity = begun;
    let detector = detectorFor(identity);
    const isOurs = identity.kind === 'builtin';
    const judge = (records: Iterable<MetricsRecord>): void => {
      if (isOurs) for (const { step, data } of records) for (const event of detector.update(step, data)) this.take(source, identity, event);
    };
    return (change) => {
      if (change.type === 'identity') {
        ({ identity } = change);
        detector = detectorFor(identity);
      } else if (change.type === 'metrics') judge(change.records);
      else if (change.type === 'stretches') for (const { table } of change.stretches) judge(table.records());
      else if (change.type === 'events' && !isOurs)
        for (const event of change.events) if (!isLifecycleEvent(event)) this.take(source, identity, event);
    };
  }

  private take(source: string, identity: RunIdentity, event: CollapseEvent): void {
    if (!isCollapse(event)) return;
    const key = `${source}\n${event.onsetStep}\n${event.step}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    const document = stringify(documentOf(source, identity, event));
    if (this.program !== undefined) this.await(this.runProgram(this.program, document));
    if (this.address !== undefined) this.await(this.post(this.address, document));
  }

  /** Settles when everybody has been told, or cannot be. */
  async settled(): Promise<void> {
    await Promise.all(this.open);
  }

  private await(work: Promise<string | undefined>): void {
    const noted = work.then((problem) => {
      if (problem !== undefined) this.context.output.note(`otb: ${problem}`);
      this.open.delete(noted);
    });
    this.open.add(noted);
  }

  /** Returns why it did not work, as a sentence. */
  private runProgram(program: string, document: string): Promise<string | undefined> {
    const { cwd, env, output } = this.context;
    return new Promise((resolve) => {
      const child = spawn(program, [], { cwd, env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
      const limit = setTimeout(() => {
        child.kill('SIGKILL');
        resolve(`${program} was not done with the alert after ${execLimitMs / 1000} s and was ended.`);
      }, execLimitMs);
      // A program need not read what it is told.
      child.stdin.on('error', () => undefined).end(`${document}\n`);
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          if (text.trim() !== '') output.note(text.trimEnd());
        });
      child.on('error', (error) => {
        clearTimeout(limit);
        resolve(`${program} could not be told of the collapse: ${error.message}.`);
      });
      child.on('close', (code, signal) => {
        clearTimeout(limit);
        resolve(code === 0 ? undefined : `${program} was told of the collapse and ended with ${signal ?? `exit code ${code}`}.`);
      });
    });
  }

  private async post(address: URL, document: string): Promise<string | undefined> {
    let problem = '';
    for (const pause of [0, ...pausesMs]) {
      await delay(pause);
      try {
        const answer = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: document,
          redirect: 'error',
          signal: AbortSignal.timeout(webhookLimitMs),
        });
        await answer.body?.cancel();
        if (answer.ok) return undefined;
        problem = `it answered ${answer.status}${answer.statusText === '' ? '' : ` ${answer.statusText}`}`;
        // It will not want it another time either.
        if (answer.status < 500 && answer.status !== 429 && answer.status !== 408) break;
      } catch (error) {
        problem = reasonOf(error);
      }
    }
    // The path of such an address is often its password.
    return `${address.origin} could not be told of the collapse: ${problem}.`;
  }
}

/** What is told. `text` is what chat services show. */
function documentOf(source: string, identity: RunIdentity, { type, step, onsetStep, message, advice, data }: CollapseEvent): object {
  const { id, name, seed } = identity;
  const estimator = comparedAs(identity);
  const began = onsetStep === step ? '' : `, began at step ${integerText(onsetStep)}`;
  const text = `${name} (${estimator}${seed === null ? '' : `, seed ${seed}`}) collapsed at step ${integerText(step)}${began}. ${message} ${advice}`;
  return { type, source, id, name, estimator, seed, step, onsetStep, message, advice, data, text: text.trim() };
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `it did not answer within ${webhookLimitMs / 1000} s`;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function addressOf(text: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || (address.protocol !== 'http:' && address.protocol !== 'https:'))
    throw badInput(`--webhook ${text}: this is no address. Give one that begins with https:// or http://.`);
  return address;
}

/** The file of a program. Throws a CommandError where there is none that may be run. */
function programFile(given: string, { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>): string {
  const file = findProgram(given, cwd, env);
  if (file === undefined)
    throw badInput(
      `--exec ${given}: there is no such program${isPath(given) ? '' : ' in the folders of PATH'}. It is run without a shell and without arguments: give the path of a program or script.`,
    );
  if (!isProgramFile(file)) throw badInput(`--exec ${given}: this is no program that may be run. Make it one, e.g. with chmod +x.`);
  return file;
}
