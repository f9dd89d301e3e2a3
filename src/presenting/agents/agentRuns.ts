import { stat } from 'node:fs/promises';
import path from 'node:path';
import { estimatorNamed } from '../../core/estimators/registry.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { BulkReader } from '../../runs/columns/bulkReader.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { directorySignature, signedFiles } from '../../runs/catalog/directorySignature.ts';
import { OwnRollouts } from '../../runs/rollouts/ownRollouts.ts';
import type { RolloutSource } from '../../runs/rollouts/rolloutSource.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { readSource } from '../../runs/sources/readSource.ts';
import { runDirectoryFormat } from '../../runs/sources/runPlace.ts';
import { AgentError, unreadable } from './agentError.ts';
import { ReadFolders } from './readFolders.ts';
import { referredRun, referredRuns, runsOfGroup } from './runReferences.ts';
import type { ReferredRun } from './runReferences.ts';

/** Where an agent's runs come from: a catalog, and the folders that it looks at. */
export interface RunSupply {
  /** Settles when all runs that are there now are known. */
  readonly ready: Promise<void>;
  /** Newest first; also those that are archived. */
  readonly all: readonly RunOverview[];
  /** What it looks at, as absolute paths. */
  readonly folders: readonly string[];
  placeOf(id: string): RunPlace | undefined;
  /** Reads long runs. */
  readonly bulk?: BulkReader;
}

/** A run as far as its files tell. */
export interface RunRead {
  readonly table: MetricTable;
  /** What is to be said beside its numbers, in sentences. */
  readonly notes: readonly string[];
  /** What its own process logged; none of another program's run. */
  readonly events: readonly RunEvent[];
}

/** Runs whose metrics stay in memory: a question is rarely the only one about a run. */
const mostKept = 3;

/** The runs that an agent may see: reads them, nothing else, and nothing outside of their folders. */
export class AgentRuns {
  /** By directory, the latest used last; with what the files looked like before they were read. */
  private readonly kept = new Map<string, { readonly signature: string | undefined; readonly read: RunRead }>();

  constructor(private readonly supply: RunSupply) {}

  /** All runs, newest first. */
  async all(signal: AbortSignal): Promise<readonly ReferredRun[]> {
    await Promise.race([this.supply.ready, aborted(signal)]);
    const { folders } = this;
    const { all } = this.supply;
    const inside = await Promise.all(all.map(({ dir }) => folders.holds(this.supply.placeOf(dir)?.source ?? dir)));
    signal.throwIfAborted();
    return referredRuns(
      all.filter((_, index) => inside[index]),
      (dir) => folders.relative(dir),
    );
  }

  /** The run that RUN or RUN@STEP means. Throws an AgentError that names those it could have been. */
  async find(reference: string, signal: AbortSignal): Promise<ReferredRun & { readonly step: number | null }> {
    const runs = await this.all(signal);
    try {
      return referredRun(reference, runs, this.supply.folders);
    } catch (error) {
      throw (await this.folders.refusal(reference)) ?? error;
    }
  }

  async group(reference: string, signal: AbortSignal): Promise<readonly ReferredRun[]> {
    return runsOfGroup(reference, await this.all(signal));
  }

  /** Where a run is, once it is certain that all of it lies where it seems to. Throws an AgentError where it does not. */
  async placeOf({ run, reference }: ReferredRun): Promise<RunPlace> {
    const place = this.supply.placeOf(run.dir);
    if (!place) throw new AgentError('nothing_there', `${reference} is no longer there.`);
    await this.folders.require(place, reference);
    return place;
  }

  /** Reads a run as it is now. Throws an AgentError where it cannot be read. */
  async read(referred: ReferredRun, signal: AbortSignal): Promise<RunRead> {
    const place = await this.placeOf(referred);
    const { dir } = referred.run;
    const signature = await signatureOf(place);
    const known = this.kept.get(dir);
    this.kept.delete(dir);
    const read = known && known.signature === signature ? known.read : await this.readNow(place, referred, signal);
    // Of a place whose files are not known nothing says that it has stayed the same.
    if (signature !== undefined) this.kept.set(dir, { signature, read });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept) break;
      this.kept.delete(oldest);
    }
    signal.throwIfAborted();
    return read;
  }

  /** What a run has written of its trajectories. Throws an AgentError where it is another program's, whose trajectories are not known. */
  async rollouts(referred: ReferredRun): Promise<RolloutSource> {
    const place = await this.placeOf(referred);
    if (place.format !== runDirectoryFormat)
      throw new AgentError('nothing_there', `${referred.reference} is a run of another program, and its log has no rollouts.`);
    const { name, estimator } = referred.run.identity;
    return new OwnRollouts(place.source, name, estimatorNamed(estimator));
  }

  private async readNow(place: RunPlace, { reference }: ReferredRun, signal: AbortSignal): Promise<RunRead> {
    try {
      const reading = readSource(place, { bulk: this.supply.bulk, signal });
      const { metrics: table, events, warnings } = await Promise.race([reading, aborted(signal)]);
      return { table, events, notes: warnings };
    } catch (error) {
      throw unreadable(`${reference} cannot be read`, error);
    }
  }

  private get folders(): ReadFolders {
    return new ReadFolders(this.supply.folders);
  }
}

/** Changes with the files of a run; undefined: which they are is not known. */
async function signatureOf({ format, source }: RunPlace): Promise<string | undefined> {
  const isFile = (await stat(source).catch(() => undefined))?.isFile() ?? false;
  if (format !== runDirectoryFormat && !isFile) return undefined;
  const files = isFile ? [source] : [...signedFiles(source), path.join(source, runFiles.exit)];
  return directorySignature(await Promise.all(files.map((file) => stat(file).catch(() => undefined))));
}

/** Rejects when a call is cancelled. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
