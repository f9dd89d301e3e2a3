import type { MetricsRecord } from '../../../core/records/metrics.ts';
import { setOwn } from '../../../core/records/json.ts';
import { pythonNumber } from '../pythonNumber.ts';

/** A record in a piece of a line, with what is wrong with it. */
export interface VerlRecord {
  readonly record: MetricsRecord;
  /** Fields that are no numbers, as sentences; empty: none. */
  readonly problems: readonly string[];
}

/** Where a record begins: `step:12 - `. The step of another metric, as in "training/global_step:12 - ", has a letter before it. */
const start = /(?<![\w/.@-])step:(-?\d{1,15}) - |(?<=\w)step:(-?\d{1,15}) - /g;
/** Characters of a field that are worth showing. */
const mostShown = 60;

/**
 * The records that verl's console logger wrote into a text, one after the other: `step:12 - actor/grad_norm:0.31 - …`. A name may have
 * colons, the value comes behind the last one. `isCut`: the text is cut off at its end, so that the last field may be half of what it was.
 */
export function verlRecords(text: string, isCut = false): readonly VerlRecord[] {
  if (!text.includes('step:')) return [];
  const starts = Array.from(text.matchAll(start)).filter((found) => found[2] === undefined || isBehindNumber(text, found.index));
  return starts.map((found, index) => {
    const next = starts[index + 1];
    const fields = text.slice(found.index + found[0].length, next?.index);
    return recordOf(Number(found[1] ?? found[2]), fields, isCut && next === undefined);
  });
}

/** Whether a text looks like the console log of verl. */
export function hasVerlRecord(text: string): boolean {
  return verlRecords(text).some(({ record }) => Object.keys(record.data).length > 0);
}

/** Whether the text before a record that follows a letter or a digit is the end of a number of the record before: "…mean:0.5step:2 - …". */
function isBehindNumber(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 64), index);
  return pythonNumber(before.slice(before.lastIndexOf(':') + 1)) !== undefined;
}

function recordOf(step: number, text: string, isCut: boolean): VerlRecord {
  const data: Record<string, number> = {};
  const problems: string[] = [];
  // Where the line ends with a separator, the field before it is whole.
  const isBetween = isCut && /[^ ] -? ?$/.test(text);
  const fields = text
    .replace(isCut ? / -? ?$/ : /$/, '')
    .trimEnd()
    .split(' - ');
  // A name may have the separator in it.
  let name = '';
  for (const [index, field] of fields.entries()) {
    const isLast = index === fields.length - 1;
    const colon = field.lastIndexOf(':');
    if (colon < 0 && !isLast) {
      name += `${field} - `;
      continue;
    }
    const key = `${name}${field.slice(0, Math.max(0, colon))}`.trim();
    name = '';
    const value = field.slice(colon + 1);
    // Without its closing parenthesis, "np.float64(0.5" is no number; that of a plain one may lack digits.
    const isHalf = isLast && isCut && !isBetween && !value.endsWith(')');
    if (isLast && isCut) problems.push(`the line is cut off at 4,096 characters, ${isHalf ? 'within' : 'behind'} ${shown(field)}`);
    const number = isHalf || key === '' ? undefined : pythonNumber(value);
    if (number !== undefined) setOwn(data, key, number);
    else if (!isHalf && !isBoolean(value)) problems.push(`the value of ${shown(field)} is not a number`);
  }
  return { record: { step, time: Number.NaN, data }, problems };
}

/** A boolean is a number to Python, and so to verl. */
function isBoolean(value: string): boolean {
  return /^\s*(?:np\.)?(?:True|False)_?\s*$/.test(value);
}

function shown(field: string): string {
  return JSON.stringify(field.length > mostShown ? `${field.slice(0, mostShown)}…` : field);
}
