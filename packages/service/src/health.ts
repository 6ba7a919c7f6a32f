/** One thing that a service needs; rejects, or answers with a word on what is wrong, when it cannot be had. */
export type ReadinessCheck = () => Promise<string | undefined> | string | undefined;

export type Readiness = {
  readonly ready: boolean;
  /** By name: `ok`, or what is wrong in a word that tells an operator and no attacker. */
  readonly checks: Readonly<Record<string, string>>;
};

const timeLimitMs = 2_000;

/** Runs every check at once, each for two seconds at most. */
export async function readReadiness(checks: Readonly<Record<string, ReadinessCheck>>): Promise<Readiness> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, string]> => [name, await outcomeOf(check)]),
  );
  return { ready: outcomes.every(([, outcome]) => outcome === "ok"), checks: Object.fromEntries(outcomes) };
}

async function outcomeOf(check: ReadinessCheck): Promise<string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("slow"), timeLimitMs);
  try {
    return await Promise.race([answerOf(check), late]);
  } catch {
    return "down"; // the reason may hold an address or a query: operators find it in the log of whoever failed
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(check: ReadinessCheck): Promise<string> {
  return (await check()) ?? "ok";
}
