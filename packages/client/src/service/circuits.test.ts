import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Circuit, CircuitOpenError, createCircuits, type Verdict } from "./circuits.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] })); // the library's only clock
afterEach(() => void vi.useRealTimers());

const pause = (): unknown => vi.setSystemTime(Date.now() + 2_000);

function open() {
  const changes: Circuit[] = [];
  const circuits = createCircuits({ onChange: (_callee, state) => void changes.push(state) });
  const work = vi.fn<() => Promise<string>>(async () => "done");
  const call = (callee: "inventory" | "products" = "inventory") =>
    circuits.run(callee, work, (error) => (error instanceof Error ? (error.message as Verdict) : "unknown")); // the tests say it themselves
  const fail = async (verdict: Verdict, times: number) => {
    for (let failed = 0; failed < times; failed += 1) {
      work.mockRejectedValueOnce(new Error(verdict));
      await expect(call()).rejects.toThrow(verdict);
    }
  };
  return { circuits, changes, work, call, fail };
}

describe("a circuit", () => {
  it("opens after five outages in a row, and calls then fail at once, of this callee alone", async () => {
    const { circuits, changes, work, call, fail } = open();
    await fail("outage", 5);
    await expect(call()).rejects.toThrow(CircuitOpenError);
    expect(work).toHaveBeenCalledTimes(5);
    expect(await call("products")).toBe("done");
    expect(circuits.states()).toEqual({ inventory: "open", products: "closed" });
    expect(changes).toEqual(["open"]);
  });

  it("begins to count anew with any answer, also with an error", async () => {
    const { call, fail } = open();
    await fail("outage", 4);
    await fail("answered", 1);
    await fail("outage", 4);
    expect(await call()).toBe("done");
  });

  it("counts what nobody waited for neither as an outage nor as an answer", async () => {
    const { call, fail } = open();
    await fail("unknown", 10);
    await fail("outage", 4);
    await fail("unknown", 1);
    await fail("outage", 1);
    await expect(call()).rejects.toThrow(CircuitOpenError);
  });

  it("lets one call through after the pause, and closes when that is answered", async () => {
    const { work, call, fail, changes } = open();
    await fail("outage", 5);
    pause();
    const answer = Promise.withResolvers<string>();
    work.mockReturnValueOnce(answer.promise);
    const first = call();
    const others = [call(), call()];
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(work).toHaveBeenCalledTimes(6);
    answer.resolve("back");
    expect(await Promise.all([first, ...others])).toEqual(["back", "done", "done"]);
    expect(changes).toEqual(["open", "half-open", "closed"]);
  });

  it("opens again when the one that was let through fails", async () => {
    const { circuits, call, fail } = open();
    await fail("outage", 5);
    pause();
    await fail("outage", 1);
    expect(circuits.states()).toEqual({ inventory: "open" });
    await expect(call()).rejects.toThrow(CircuitOpenError);
  });
});
