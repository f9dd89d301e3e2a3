/** The part of a JSON Schema that says what one value may be. */
export interface ValueSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Of one word, which is the only text that fits. */
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ValueSchema;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly examples?: readonly unknown[];
  /** Our own keyword: why the value is bounded above. */
  readonly limitReason?: string;
}

/** What a schema expects, in words: "a number > 0", "an integer ≥ 1 or null", `"warn", "stop" or "branch"`. */
export function describeExpected(schema: ValueSchema): string {
  if (schema.enum) return alternatives(schema.enum.map((choice) => JSON.stringify(choice)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return alternatives(types.map((type) => describeType(type, schema)));
}

/** A value as it stands in the file, cut where it is long. `written` is its text there, for numbers that JavaScript cannot hold. */
export function quote(value: unknown, written?: string): string {
  const isInexact = typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER);
  const text = isInexact ? (written ?? String(value)) : (JSON.stringify(beginning(value)) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** As much of a value as a message can hold. */
function beginning(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, 100);
  if (Array.isArray(value)) return value.slice(0, 30).map((entry) => beginning(entry));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, 30);
  return Object.fromEntries(entries.map(([key, entry]) => [key.slice(0, 100), beginning(entry)]));
}

function describeType(type: string, schema: ValueSchema): string {
  switch (type) {
    case 'integer':
      return `${schema.multipleOf === undefined ? 'an integer' : `a multiple of ${schema.multipleOf}`}${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'string':
      if (schema.pattern !== undefined) return JSON.stringify(schema.pattern.replaceAll(/[$^]/g, ''));
      return schema.maxLength === undefined ? 'a string' : `a string of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list ${count(schema)}${schema.items ? ` (each ${describeExpected(schema.items)})` : ''}`;
    case 'object':
      return 'an object {…}';
    default:
      return type;
  }
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: ValueSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const lower = minimum !== undefined ? `≥ ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : '';
  const upper = maximum !== undefined ? `≤ ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : '';
  const bounds = [lower, upper].filter((bound) => bound !== '');
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function count({ minItems, maxItems }: ValueSchema): string {
  if (maxItems === undefined) return `of ${minItems ?? 0} or more values`;
  return minItems === maxItems ? `of ${maxItems} values` : `of ${minItems ?? 0} to ${maxItems} values`;
}

function alternatives(choices: readonly string[]): string {
  const last = choices.at(-1) ?? 'something else';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
