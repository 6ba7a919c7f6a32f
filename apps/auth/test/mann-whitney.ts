/**
 * The two-sided p of the Mann-Whitney U test, by its normal approximation: how likely two samples that differ as much are
 * where both come from one distribution. For 20 values or more each, few of them equal.
 */
export function mannWhitneyP(one: readonly number[], two: readonly number[]): number {
  const all = [...one.map((value) => ({ value, isOne: true })), ...two.map((value) => ({ value, isOne: false }))];
  const ranked = all.toSorted((a, b) => a.value - b.value);
  const rankSum = ranked.reduce((sum, { isOne }, index) => (isOne ? sum + index + 1 : sum), 0);
  const [n, m] = [one.length, two.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  return 2 * (1 - normal(Math.abs(u - (n * m) / 2) / deviation));
}

/** The standard normal distribution function for z from 0 on (Abramowitz and Stegun 26.2.17, exact to 7.5e-8). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const factors = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = factors.reduceRight((inner, factor) => t * (factor + inner), 0);
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
