import { isObject } from '../records/json.ts';

/** Checks that a value has a type; says where it has not. Nothing is copied: a message can hold millions of numbers. */
export interface Shape<T> {
  /** What is wrong with the value at `path`, as in "runs[2].seed is not a number"; null: nothing. */
  problem(value: unknown, path: string): string | null;
  /** Never set; only ties the shape to its type for the compiler. */
  readonly type?: T;
}

/** The value as its type, or a string that says what is wrong with it. */
export function parseShape<T>(shape: Shape<T>, value: unknown, name: string): T | string {
  return shape.problem(value, name) ?? (value as T);
}

export const text: Shape<string> = simple((value) => typeof value === 'string', 'not a string');
export const flag: Shape<boolean> = simple((value) => typeof value === 'boolean', 'neither true nor false');
/** Any number, NaN and infinities too. */
/** Messages travel as JSON, but for typed arrays: in it, NaN and infinities become null. */
export const jsonNumber: Shape<number> = simple((value) => typeof value === 'number' || value === null, 'not a number');
export const anyNumber: Shape<number> = simple((value) => typeof value === 'number', 'not a number');
export const finiteNumber: Shape<number> = simple(Number.isFinite, 'not a finite number');
export const count: Shape<number> = simple((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'not a count');
export const bytes: Shape<Uint8Array> = simple((value) => value instanceof Uint8Array, 'not bytes');
export const doubles: Shape<Float64Array> = simple((value) => value instanceof Float64Array, 'not a column of numbers');
export const singles: Shape<Float32Array> = simple((value) => value instanceof Float32Array, 'not a column of numbers');

export function simple<T>(holds: (value: unknown) => boolean, complaint: string): Shape<T> {
  return { problem: (value, path) => (holds(value) ? null : `${path} is ${complaint}`) };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return { problem: (value, path) => (value === null ? null : shape.problem(value, path)) };
}

/** A field that need not be there. */
export function optional<T>(shape: Shape<T>): Shape<T> {
  return { problem: (value, path) => (value === undefined ? null : shape.problem(value, path)) };
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return simple((value) => (values as readonly unknown[]).includes(value), `none of ${values.join(', ')}`);
}

/** The first shape that fits; the complaint is the last one's. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return { problem: (value, path) => (first.problem(value, path) === null ? null : second.problem(value, path)) };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    problem(value, path) {
      if (!Array.isArray(value)) return `${path} is not a list`;
      return firstProblem(value.entries(), (entry, index) => item.problem(entry, `${path}[${index}]`));
    },
  };
}

export function record<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    problem(value, path) {
      if (!isObject(value)) return `${path} is not an object`;
      return firstProblem(Object.entries(value), (entry, key) => item.problem(entry, `${path}.${key}`));
    },
  };
}

/** An object with exactly the fields of its type: the compiler asks for every one. Others that it may have are let through. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const entries = Object.entries<Shape<unknown>>(fields);
  return {
    problem(value, path) {
      if (!isObject(value)) return `${path} is not an object`;
      return firstProblem(entries, (shape, key) => shape.problem(value[key], `${path}.${key}`));
    },
  };
}

/** One of several objects, told apart by the text in one of their fields. */
export function tagged<T extends Readonly<Record<K, string>>, const K extends string>(
  key: K,
  shapes: { readonly [Tag in T[K]]: Shape<Extract<T, Readonly<Record<K, Tag>>>> },
): Shape<T> {
  return {
    problem(value, path) {
      if (!isObject(value)) return `${path} is not an object`;
      const tag = value[key];
      if (typeof tag !== 'string' || !Object.hasOwn(shapes, tag)) return `${path}.${key} is none of ${Object.keys(shapes).join(', ')}`;
      return (shapes as Readonly<Record<string, Shape<unknown>>>)[tag]?.problem(value, path) ?? null;
    },
  };
}

/** The same shape with a condition on the whole. */
export function where<T>(shape: Shape<T>, holds: (value: T) => boolean, complaint: string): Shape<T> {
  return { problem: (value, path) => shape.problem(value, path) ?? (holds(value as T) ? null : `${path} ${complaint}`) };
}

function firstProblem<K, V>(entries: Iterable<readonly [K, V]>, problem: (value: V, key: K) => string | null): string | null {
  for (const [key, value] of entries) {
    const found = problem(value, key);
    if (found !== null) return found;
  }
  return null;
}
