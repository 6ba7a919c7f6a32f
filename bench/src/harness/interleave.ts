/** One thing to measure: a block of calls, of which it gives the cost per call. */
export type Block = {
  readonly name: string;
  /** Does this many calls and gives microseconds of CPU per call. */
  measure(calls: number): Promise<number>;
  /** How many calls a round has; when absent, as many as fill `milliseconds`. */
  readonly calls?: number;
  /** Work ahead of each block that does not count, such as minting tokens. */
  prepare?(calls: number): Promise<void>;
};

export type Rounds = { readonly rounds: number; readonly milliseconds: number; readonly warmUp: number };

/**
 * Measures all blocks in turn, round after round, each round in another order, so that what the machine does besides
 * falls on all of them alike.
 *
 * @returns the cost of each block, round by round
 */
export async function interleave(blocks: readonly Block[], plan: Rounds): Promise<Map<string, number[]>> {
  const counts = new Map<Block, number>();
  for (const block of blocks) counts.set(block, block.calls ?? (await calibrate(block, plan)));
  const costs = new Map(blocks.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < plan.rounds; round += 1) {
    const shift = (round * 3) % blocks.length;
    const turned = [...blocks.slice(shift), ...blocks.slice(0, shift)];
    for (const block of round % 2 === 0 ? turned : turned.toReversed()) {
      const calls = counts.get(block) ?? 1;
      await block.prepare?.(calls);
      costs.get(block.name)?.push(await block.measure(calls));
    }
  }
  return costs;
}

async function calibrate(block: Block, { milliseconds, warmUp }: Rounds): Promise<number> {
  const from = performance.now();
  let calls = 100;
  let per = 1;
  while (performance.now() - from < warmUp) {
    await block.prepare?.(calls);
    const began = performance.now();
    await block.measure(calls);
    per = (performance.now() - began) / calls;
    calls = Math.max(20, Math.min(5_000, Math.round(milliseconds / per)));
  }
  return calls;
}
