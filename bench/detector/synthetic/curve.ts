/** A course over the steps of a run as the points it goes through: step and value. Before the first and after the last point it is level. */
export type Curve = readonly (readonly [step: number, value: number])[];

/** The values at steps 1 … length, straight between the points; `logarithmic`: straight on a logarithmic axis, for positive values. */
export function valuesOf(curve: Curve, length: number, scale: 'linear' | 'logarithmic' = 'linear'): Float64Array {
  const values = new Float64Array(length);
  let next = 0;
  for (let step = 1; step <= length; step++) {
    while (next < curve.length && curve[next]![0] < step) next += 1;
    const [fromStep, from] = curve[Math.max(0, next - 1)]!;
    const [toStep, to] = curve[Math.min(next, curve.length - 1)]!;
    const share = toStep > fromStep ? (step - fromStep) / (toStep - fromStep) : 1;
    const way = Math.min(1, Math.max(0, share));
    values[step - 1] = scale === 'linear' ? from + way * (to - from) : from * (to / from) ** way;
  }
  return values;
}

/** Learning that is fast at first and slower with time, as of most runs. */
export function learning(from: number, to: number, start: number, end: number): Curve {
  return [0, 0.1, 0.2, 0.35, 0.5, 0.75, 1].map((way) => [
    Math.round(start + way * (end - start)),
    from + ((to - from) * (1 - Math.exp(-4 * way))) / (1 - Math.exp(-4)),
  ]);
}

/** A change from one value to another that takes so many steps; `at` is the first step that is no longer what it was. */
export function change(at: number, from: number, to: number, over = 1): Curve {
  return [
    [at - 1, from],
    [at - 1 + over, to],
  ];
}

/** How many steps it takes to become so many times as large at one doubling every so many steps. */
export function stepsToReach(factor: number, doubling: number): number {
  return Math.ceil(doubling * Math.log2(factor));
}

/** A surge from the usual level, 1, to its peak; `onset` is its first step. */
export function surge(onset: number, doubling: number, peak: number): Curve {
  return change(onset, 1, peak, stepsToReach(peak, doubling));
}
