/** Names under which a run logs its metrics: verl's, because the field's dashboards use them. */
export const metricNames = {
  /** Global gradient norm before clipping. */
  gradNorm: 'actor/grad_norm',
  /** Mean reward of the step's responses. */
  score: 'critic/score/mean',
  entropy: 'actor/entropy',
  policyLoss: 'actor/pg_loss',
  learningRate: 'actor/lr',
  responseLength: 'response_length/mean',
  responseLengthMax: 'response_length/max',
  /** Share of responses that hit the length limit. */
  clipRatio: 'response_length/clip_ratio',
  turns: 'num_turns/mean',
  stepSeconds: 'timing_s/step',
  rolloutSeconds: 'timing_s/gen',
  updateSeconds: 'timing_s/update_actor',
  /** Tokens per second. */
  throughput: 'perf/throughput',
  signalStrength: 'variance_proxy/proxy1_signal_strength',
  totalPower: 'variance_proxy/proxy2_total_power',
  pureNoise: 'variance_proxy/proxy3_pure_noise',
} as const;

/** What the total power would have been under another estimator on the same rollouts. */
export function estimatorPowerMetric(estimator: string): string {
  return `estimator/${estimator}/total_power`;
}
