import { setOwn } from '../../../core/records/json.ts';
import { DictText } from '../dictText.ts';
import type { PrintedDict } from '../dictText.ts';
import type { OpenOptions, RunFormat, RunPlace, RunReader, RunSink } from '../format.ts';
import { namelessBars } from '../progressBar.ts';
import { dictStart, numbersIn, pythonDict } from '../pythonDict.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';
import type { TerminalDecoder, TerminalLine } from '../terminalText.ts';
import { TrainingSteps } from '../trainingSteps.ts';
import type { DictKind } from '../trainingSteps.ts';

type Values = PrintedDict['values'];

const description = {
  name: 'hf-console',
  title: 'console log of a Hugging Face trainer: TRL, ms-swift, LLaMA-Factory, unsloth',
  sign: `lines like "{'loss': 0.05, 'grad_norm': 0.31, 'epoch': 0.1}"`,
} as const;

/**
 * What a Hugging Face trainer prints: a dict whenever it logs (`ProgressCallback` and `PrinterCallback` of transformers), around its
 * progress bar where it has one. The dicts do not say of which step they are, except for ms-swift's and those of people's own.
 */
export const hfConsole: RunFormat = {
  ...description,
  sniff(look) {
    const text = glimpsedText(look);
    let sure = 0;
    let from = 0;
    for (let start = dictStart(text, 0); start >= 0 && sure < 0.9; start = dictStart(text, from)) {
      // A terminal may have broken it over lines.
      const { values, end } = pythonDict(text.slice(start, start + (1 << 14)).replaceAll(/\r?\n/g, ''), 0);
      const kind = kindOf(values);
      if (kind !== undefined)
        sure = Math.max(sure, values.has('epoch') || values.has('global_step/max_steps') ? 0.9 : kind === 'step' ? 0.6 : 0);
      from = start + Math.max(2, end);
    }
    return sure;
  },
  open: (place, sink, options) => new ConsoleReader(place, sink, options),
};

/**
 * How many steps lie between two dicts may be known only when the training is over. Then all of it is told again, from the file, because
 * to keep it all in mind until then would take as much memory again.
 */
class ConsoleReader implements RunReader {
  private strides: readonly number[] = [];
  private reader: RunReader;
  private decoder: HfDecoder | undefined;

  constructor(
    private readonly place: RunPlace,
    private readonly sink: RunSink,
    private readonly options: OpenOptions = {},
  ) {
    this.reader = this.begin();
  }

  async read(options: { readonly isLast?: boolean } = {}): Promise<void> {
    await this.reader.read(options);
    const found = this.decoder?.strides ?? [];
    if (found.every((stride, index) => stride === (this.strides[index] ?? 1))) return;
    this.strides = found;
    this.sink.reset(true);
    this.reader = this.begin();
    await this.reader.read(options);
  }

  private begin(): RunReader {
    const format = terminalFormat({ ...description, sniff: () => 0 }, (sink) => (this.decoder = new HfDecoder(sink, this.strides)));
    return format.open(this.place, this.sink, this.options);
  }
}

/** A dict that waits for the progress bar behind it to say of which step it is. */
interface Waiting {
  readonly kind: DictKind;
  readonly data: Readonly<Record<string, number>>;
}

/** Makes steps of what such a trainer prints. */
export class HfDecoder implements TerminalDecoder {
  private readonly dicts = new DictText({ dict: (dict) => this.takeDict(dict), text: (text) => this.takeText(text) }, (key) =>
    signs.includes(key),
  );
  private steps: TrainingSteps;
  private readonly ended: number[] = [];
  private waiting: Waiting | undefined;
  private last: { readonly step: number; readonly data: Readonly<Record<string, number>> } | undefined;

  constructor(
    private readonly sink: RunSink,
    /** Steps between two dicts of each training of the file, as far as they are known from an earlier look. */
    private readonly known: readonly number[],
  ) {
    this.steps = new TrainingSteps(known[0]);
  }

  /** Steps between two dicts of each training, where nothing else says of which step they are. */
  get strides(): readonly number[] {
    return [...this.ended, this.steps.stride];
  }

  take(line: TerminalLine): void {
    this.dicts.take(line);
  }

  takeTorn(line: TerminalLine): void {
    this.dicts.take(line);
  }

  settle(isLast: boolean): void {
    if (isLast) this.dicts.end();
    if (isLast || !this.steps.isFollowingBars) this.tellWaiting();
  }

  private takeText(text: string): void {
    for (const bar of namelessBars(text)) {
      if (this.steps.takeBar(bar)) {
        this.beginTraining();
        this.steps.takeBar(bar);
      }
    }
  }

  private takeDict({ values, number, isCut, cutKey }: PrintedDict): void {
    const kind = kindOf(values, isCut);
    if (kind === undefined) return;
    if (isCut)
      this.sink.malformed({ line: number, why: cutKey === undefined ? 'the record is cut off' : `the value of ${cutKey} is cut off` });
    this.tellWaiting();
    const data = numbersIn(values);
    const own = ownStep(values);
    if (own === undefined) {
      if (this.steps.isOver(data['epoch'])) this.beginTraining();
      this.waiting = { kind, data };
      this.steps.expectBar();
      return;
    }
    this.steps.takeOwn(own.step);
    if (own.planned !== undefined) this.sink.facts({ plannedSteps: own.planned });
    this.tell(own.step, kind, data);
  }

  private tellWaiting(): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (!waiting) return;
    const { kind, data } = waiting;
    const step = this.steps.stepOf(kind, data);
    if (this.steps.planned !== undefined) this.sink.facts({ plannedSteps: this.steps.planned });
    this.tell(step, kind, data);
  }

  private beginTraining(): void {
    this.tellWaiting();
    this.ended.push(this.steps.stride);
    this.steps = new TrainingSteps(this.known[this.ended.length]);
  }

  private tell(step: number, kind: DictKind, all: Readonly<Record<string, number>>): void {
    const data: Record<string, number> = {};
    const isSame = this.last?.step === step;
    for (const [key, number] of Object.entries(all)) {
      // An evaluation says again of which epoch its step is.
      if (notMetrics.has(key) || (isSame && Object.is(this.last?.data[key], number))) continue;
      setOwn(data, key, number);
    }
    this.last = { step, data: isSame ? { ...this.last?.data, ...data } : data };
    this.sink.metrics([{ step, time: all['_timestamp'] ?? Number.NaN, data }]);
    this.sink.end(kind === 'summary' ? { state: 'finished', message: '' } : undefined);
  }
}

/** What a dict says of when it was logged. */
const notMetrics: ReadonlySet<string> = new Set(['step', 'global_step', '_timestamp']);
/** One of them is in every dict that a trainer logs of a step. */
const signs = ['loss', 'grad_norm', 'learning_rate', 'reward', 'lr', 'episode'];

/** What a dict is, by its keys; undefined: none of a trainer. */
function kindOf(values: Values, isCut = false): DictKind | undefined {
  if (values.size < (isCut ? 1 : 2)) return undefined;
  if (values.has('train_runtime')) return 'summary';
  if (values.has('global_step/max_steps') || signs.some((key) => isNumber(values.get(key)))) return 'step';
  const keys = [...values.keys()];
  if (keys.some((key) => key.startsWith('eval_') && isNumber(values.get(key)))) return 'addition';
  // Whatever a trainer logs, it adds the epoch at the end.
  return isNumber(values.get('epoch')) ? 'addition' : ownStep(values) && keys.length > 2 ? 'step' : undefined;
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && pythonNumber(text) !== undefined;
}

/** The step that a dict gives itself: `global_step`, `step`, or ms-swift's "5/3766". */
function ownStep(values: Values): { readonly step: number; readonly planned?: number } | undefined {
  const [step, planned] = (values.get('global_step/max_steps') ?? '').split('/');
  if (step !== undefined && planned !== undefined && /^\d+$/.test(step) && /^\d+$/.test(planned))
    return { step: Number(step), planned: Number(planned) };
  const own = pythonNumber(values.get('global_step') ?? values.get('step') ?? '');
  return own !== undefined && Number.isFinite(own) ? { step: own } : undefined;
}
