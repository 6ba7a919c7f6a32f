import { describe, expect, it } from "vitest";
import { createShutdown } from "./shutdown.ts";

describe("a shutdown", () => {
  it("runs every hook once, the newest first, whatever fails", async () => {
    const ran: string[] = [];
    const shutdown = createShutdown();
    shutdown.add(() => ran.push("database"));
    shutdown.add(async () => {
      ran.push("bus");
      throw new Error("away");
    });
    shutdown.add(() => ran.push("listener"));
    await expect(Promise.all([shutdown.run(), shutdown.run()])).rejects.toThrow(AggregateError);
    expect(ran).toEqual(["listener", "bus", "database"]);
  });

  it("runs a hook that comes late", async () => {
    const ran: string[] = [];
    const shutdown = createShutdown();
    shutdown.add(() => {
      shutdown.add(() => ran.push("opened meanwhile"));
      ran.push("first");
    });
    await shutdown.run();
    shutdown.add(() => ran.push("opened after"));
    expect(ran).toEqual(["first", "opened meanwhile", "opened after"]);
  });

  it("says that it begins, and runs its hooks after a delay", async () => {
    const ran: string[] = [];
    const shutdown = createShutdown();
    shutdown.add(() => ran.push("listener"));
    shutdown.delayBy(30, () => void ran.push("announced"));
    expect(shutdown.isStopping()).toBe(false);
    const running = shutdown.run();
    expect([shutdown.isStopping(), ran]).toEqual([true, ["announced"]]);
    await running;
    expect(ran).toEqual(["announced", "listener"]);
  });
});
