/** The next-token distribution π = softmax(logits / temperature) of one row at a time, in float64. */
export class TokenDistribution {
  private readonly probabilities: Float64Array;
  private readonly logProbabilities: Float64Array;

  constructor(vocabulary: number) {
    this.probabilities = new Float64Array(vocabulary);
    this.logProbabilities = new Float64Array(vocabulary);
  }

  /** Takes the row of `logits` that starts at `offset`. */
  set(logits: ArrayLike<number>, offset: number, temperature: number): void {
    const { probabilities, logProbabilities } = this;
    let largest = Number.NEGATIVE_INFINITY;
    for (let v = 0; v < probabilities.length; v++) largest = Math.max(largest, logits[offset + v]!);
    let total = 0;
    for (let v = 0; v < probabilities.length; v++) {
      logProbabilities[v] = (logits[offset + v]! - largest) / temperature;
      total += Math.exp(logProbabilities[v]!);
    }
    const logTotal = Math.log(total);
    for (let v = 0; v < probabilities.length; v++) {
      logProbabilities[v]! -= logTotal;
      probabilities[v] = Math.exp(logProbabilities[v]!);
    }
  }

  /** Draws a token by inversion of `uniform` ∈ [0, 1); never one without probability. */
  sample(uniform: number): number {
    const { probabilities } = this;
    let token = 0;
    let cumulative = probabilities[0]!;
    while (token < probabilities.length - 1 && !(uniform < cumulative)) cumulative += probabilities[++token]!;
    while (token > 0 && probabilities[token] === 0) token--;
    return token;
  }

  logProb(token: number): number {
    return this.logProbabilities[token]!;
  }

  /** Σ π² */
  sumPiSquared(): number {
    return this.probabilities.reduce((sum, p) => sum + p * p, 0);
  }

  /** In nats. */
  entropy(): number {
    return this.probabilities.reduce((sum, p, v) => (p > 0 ? sum - p * this.logProbabilities[v]! : sum), 0);
  }
}
