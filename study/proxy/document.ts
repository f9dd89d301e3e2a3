import { counted, integerText, quantityText, scoreText } from '../../src/core/notation.ts';
import { code, table } from '../document.ts';
import { agreement, differing, geometricMean, pairsOf, ratiosToReference, reference, truthOverProxy, type Proxy } from './agreement.ts';
import type { PolicyMeasurement } from './measuredVariance.ts';

export interface StudiedPolicy extends PolicyMeasurement {
  readonly preset: string;
  /** What it was trained with. */
  readonly estimator: string;
  /** Steps of training; 0: the warm start. */
  readonly step: number;
  /** Step at which the surge began that ended its training in a collapse; null: none. */
  readonly onset: number | null;
}

export interface ProxyStudy {
  /** Batches that were sampled from each policy. */
  readonly batches: number;
  /** Hand-written Markdown: what the numbers mean. */
  readonly findings: string;
  readonly policies: readonly StudiedPolicy[];
}

const proxies: readonly Proxy[] = ['power', 'totalPower'];
const proxyNames: Readonly<Record<Proxy, string>> = { power: 'token by token', totalPower: 'total power' };

/** The study as Markdown. Every number in it comes from `policies`, save those in `findings`. */
export function proxyDocument({ batches, findings, policies }: ProxyStudy): string {
  const parts = [
    '# How good the variance proxy is',
    `Made by \`npm run study:proxy\`: ${counted(policies.length, 'policy', 'policies')} that stand still, ${counted(batches, 'batch', 'batches')} of 4 prompts × 8 responses from each, and of every batch the gradient of the parameters under every estimator, one backward pass each. *True variance* is the trace of the covariance of that gradient over the batches. The proxies are computed from the same rollouts without a backward pass, and divided by the 32 responses of a batch: *token by token* is the mean over responses of Σ A_t²·w_t, *total power* is verl's, mean(Ā²·W(τ)).`,
    findings.trim(),
    '## All policies together',
    togetherTable(policies),
    '## Policy by policy',
    `*truth / proxy*: how many times larger the true variance is than the proxy token by token, geometric mean over ${listOfCode(differing)}. *furthest off*: the estimator whose ratio to \`${reference}\` the proxy gets most wrong, and the ratio by proxy and in truth.`,
    policyTable(policies),
    '## Estimator by estimator',
    `Before any surge, the ratio to \`${reference}\` by proxy over the true ratio: 1 is right, 2 makes the estimator look twice as noisy as it is. Geometric mean over the policies, in brackets the smallest and the largest.`,
    estimatorTable(policies.filter((policy) => !isNearSurge(policy))),
    '## The numbers',
    '*signal* is ‖E g‖² from two independent halves of the batches, and may come out negative where it is lost in noise; *logged noise* is what a run with this estimator logs as `variance_proxy/proxy3_pure_noise`, mean over the batches.',
    ...policies.flatMap((policy) => [`### ${labelOf(policy)}`, numbersTable(policy)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function labelOf(policy: StudiedPolicy): string {
  const { preset, estimator, step, onset } = policy;
  const when = step === 0 ? 'warm start' : `${code(estimator)}, step ${integerText(step)}`;
  const near = onset !== null && isNearSurge(policy) ? ` (surge from step ${integerText(onset)} on)` : '';
  return `${code(preset)}, ${when}${near}`;
}

/** Whether a policy is in a surge that ended in a collapse, or within ten steps of it: there a few batches decide the variance. */
function isNearSurge({ onset, step }: StudiedPolicy): boolean {
  return onset !== null && step >= onset - 10;
}

function togetherTable(policies: readonly StudiedPolicy[]): string {
  const kinds: readonly (readonly [string, readonly StudiedPolicy[]])[] = [
    ['before any surge', policies.filter((policy) => !isNearSurge(policy))],
    ['at a surge', policies.filter(isNearSurge)],
  ];
  const rows = kinds.flatMap(([kind, some]) =>
    some.length === 0
      ? []
      : proxies.map((proxy) => {
          const absolute = agreement(some.flatMap(({ rows: all }) => pairsOf(all, proxy)));
          const ratios = agreement(some.flatMap(({ rows: all }) => ratiosToReference(all, proxy)));
          const numbers = [ratios, absolute].flatMap(({ pearson, spearman }) => [scoreText(pearson), scoreText(spearman)]);
          return [`${kind} (${counted(some.length, 'policy', 'policies')})`, proxyNames[proxy], ...numbers];
        }),
  );
  const heads = ['policies', 'proxy', `ratio to ${code(reference)}: Pearson of logs`, 'Spearman', 'absolute: Pearson of logs', 'Spearman'];
  return table(heads, rows);
}

function policyTable(policies: readonly StudiedPolicy[]): string {
  const rows = policies.map((policy) => {
    const { rows: all, score, entropy, responseLength } = policy;
    const correlations = proxies.map((proxy) => {
      const { pearson, spearman } = agreement(pairsOf(all, proxy));
      return `${scoreText(pearson)} / ${scoreText(spearman)}`;
    });
    return [
      labelOf(policy),
      scoreText(score),
      entropy.toFixed(2),
      responseLength.toFixed(0),
      quantityText(truthOverProxy(all, 'power')),
      ...correlations,
      furthestOff(policy),
    ];
  });
  const heads = ['policy', 'score', 'entropy', 'tokens', 'truth / proxy'];
  return table([...heads, ...proxies.map((proxy) => `${proxyNames[proxy]}: Pearson of logs / Spearman`), 'furthest off'], rows);
}

function furthestOff({ rows }: StudiedPolicy): string {
  const names = differing.filter((name) => name !== reference);
  const off = ratiosToReference(rows, 'power').map(([proxy, truth], i) => ({ estimator: names[i]!, proxy, truth }));
  const { estimator, proxy, truth } = off.reduce((worst, each) =>
    Math.abs(Math.log(each.proxy / each.truth)) > Math.abs(Math.log(worst.proxy / worst.truth)) ? each : worst,
  );
  return `${code(estimator)}: ${quantityText(proxy)}, in truth ${quantityText(truth)}`;
}

function estimatorTable(policies: readonly StudiedPolicy[]): string {
  if (policies.length === 0) return '';
  const names = policies[0]!.rows.map(({ estimator }) => estimator).filter((name) => name !== reference);
  const rows = names.map((name) => [
    code(name),
    ...proxies.map((proxy) => {
      const errors = policies.map(({ rows: all }) => {
        const [own, base] = [name, reference].map((wanted) => all.find(({ estimator }) => estimator === wanted)!) as [
          (typeof all)[number],
          (typeof all)[number],
        ];
        return own[proxy] / base[proxy] / (own.variance / base.variance);
      });
      return `${quantityText(geometricMean(errors))} (${quantityText(Math.min(...errors))}–${quantityText(Math.max(...errors))})`;
    }),
  ]);
  return table(['estimator', ...proxies.map((proxy) => proxyNames[proxy])], rows);
}

function numbersTable({ rows }: StudiedPolicy): string {
  return table(
    ['estimator', 'true variance', 'signal', 'proxy token by token', 'proxy by total power', 'logged noise'],
    rows.map(({ estimator, ...row }) => [
      code(estimator),
      ...[row.variance, row.signal, row.power, row.totalPower, row.pureNoise].map(quantityText),
    ]),
  );
}

function listOfCode(names: readonly string[]): string {
  return names.map(code).join(', ');
}
