import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileTail } from '../../directory/fileTail.ts';
import { ignoreMissing, isMissing } from '../../directory/missing.ts';
import { readText } from '../../directory/regularFile.ts';
import type { OpenOptions, RunReader, RunSink } from '../format.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { StepGroups } from '../sqlite/stepGroups.ts';
import { flatYaml } from './flatYaml.ts';
import { mlflowEnd, mlflowFacts } from './mlflowFacts.ts';

const most = { metrics: 5000, parameters: 10_000, levels: 16, metaBytes: 1 << 16, parameterBytes: 1 << 16 } as const;

export const metaFile = 'meta.yaml';

/** A value of a metric, as its line says. */
interface Logged {
  /** In milliseconds since 1970. */
  readonly time: number;
  readonly step: number;
  readonly key: string;
  readonly value: number;
}

/** Reads a run of a file store: `metrics/` has a file for each metric, with a line for each value: time, value and step. */
export class FolderRunReader implements RunReader {
  private readonly tails = new Map<string, FileTail>();
  private folders: readonly string[] = [];
  private logged: Logged[] = [];
  private isStale = false;
  private told = '';
  private hasTold = false;

  constructor(
    private readonly folder: string,
    private readonly sink: RunSink,
    private readonly options: OpenOptions = {},
  ) {}

  get files(): readonly string[] {
    return [path.join(this.folder, metaFile), path.join(this.folder, 'params'), ...this.folders, ...this.tails.keys()];
  }

  async read(): Promise<void> {
    await this.readMetrics();
    if (this.isStale) {
      this.startAgain();
      await this.readMetrics();
    }
    this.tell();
    await this.readFacts();
  }

  private async readMetrics(): Promise<void> {
    const folder = path.join(this.folder, 'metrics');
    const { files, folders } = await filesBelow(folder, most.metrics);
    this.folders = folders;
    if (files.length >= most.metrics) this.sink.note(`Only the first ${most.metrics} metrics of ${folder} are read.`);
    for (const file of files) {
      if (this.tails.has(file)) continue;
      // On every system the names of metrics have slashes.
      const key = path.relative(folder, file).split(path.sep).join('/');
      this.tails.set(file, this.tailOf(file, key));
    }
    for (const tail of this.tails.values()) await tail.read();
  }

  private tailOf(file: string, key: string): FileTail {
    let count = 0;
    const lines = (some: readonly string[]) => {
      for (const line of some) this.takeLine(line, key, ++count);
    };
    const reset = () => {
      count = 0;
      this.isStale = true;
    };
    return new FileTail(file, { lines, reset }, this.options);
  }

  private takeLine(line: string, key: string, number: number): void {
    const [time = '', text = '', step = '0', ...dataset] = line.trim().split(' ');
    const value = pythonNumber(text);
    if (/^-?\d+$/.test(time) && value !== undefined && /^-?\d+$/.test(step) && dataset.length !== 1 && dataset.length < 3)
      this.logged.push({ time: Number(time), step: Number(step), key, value });
    else if (line.trim() !== '') this.sink.malformed({ line: number, file: `metrics/${key}`, why: 'it is not a time, a value and a step' });
  }

  /** Tells what was read in the order in which it was logged, whatever the file. */
  private tell(): void {
    const { logged } = this;
    if (logged.length === 0) return;
    this.logged = [];
    const groups = new StepGroups();
    for (const { time, step, key, value } of logged.toSorted((a, b) => a.time - b.time)) groups.add(step, time / 1000, key, value);
    this.hasTold = true;
    this.sink.metrics(groups.records);
  }

  private startAgain(): void {
    this.tails.clear();
    [this.logged, this.isStale, this.told] = [[], false, ''];
    if (this.hasTold) this.sink.reset();
    this.hasTold = false;
  }

  private async readFacts(): Promise<void> {
    const meta = path.join(this.folder, metaFile);
    const parameters = path.join(this.folder, 'params');
    const stamp = (await Promise.all([meta, parameters].map(stampOf))).join(' ');
    if (stamp === this.told) return;
    const text = await readText(meta, most.metaBytes).catch(ignoreMissing);
    if (text === undefined) return;
    const of = flatYaml(text);
    const experiment = flatYaml(await readText(path.join(this.folder, '..', metaFile), most.metaBytes).catch(() => ''));
    const name = await readText(path.join(this.folder, 'tags', 'mlflow.runName'), most.parameterBytes).catch(() => undefined);
    const status = of.get('status') ?? '';
    this.sink.facts(
      mlflowFacts({
        name: of.get('run_name') ?? name,
        experiment: experiment.get('name'),
        startTime: Number(of.get('start_time')),
        status,
        parameters: await textsBelow(parameters),
      }),
    );
    this.sink.end(mlflowEnd(status));
    this.told = stamp;
  }
}

async function stampOf(file: string): Promise<string> {
  const status = await stat(file).catch(() => undefined);
  return status ? `${status.size} ${status.mtimeMs}` : '-';
}

async function textsBelow(folder: string): Promise<readonly (readonly [string, string])[]> {
  const { files } = await filesBelow(folder, most.parameters);
  const texts: (readonly [string, string])[] = [];
  for (const file of files) {
    const text = await readText(file, most.parameterBytes).catch(() => undefined);
    if (text !== undefined) texts.push([path.relative(folder, file).split(path.sep).join('/'), text]);
  }
  return texts;
}

async function filesBelow(folder: string, limit: number, levels: number = most.levels): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found = { files: [] as string[], folders: [folder] };
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const place = path.join(folder, entry.name);
    if (entry.isFile() && found.files.length < limit) found.files.push(place);
    if (!entry.isDirectory() || levels === 0 || found.files.length >= limit) continue;
    const below = await filesBelow(place, limit - found.files.length, levels - 1);
    found.files.push(...below.files);
    found.folders.push(...below.folders);
  }
  return found;
}
