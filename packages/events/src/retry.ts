const floorMs = 100;
const ceilingMs = 5_000;

/** How long to wait before trying again after so many failures, in ms, spread so that many do not march in step. */
export function retryDelay(failures: number): number {
  return Math.min(floorMs * 2 ** failures, ceilingMs) * (0.5 + Math.random() / 2);
}
