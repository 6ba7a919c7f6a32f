import { describe, expect, it } from "vitest";
import { readTrace, traceIdOf } from "./read-trace.ts";

const id = "0af7651916cd43dd8448eb211c80319c";
const given = `00-${id}-b7ad6b7169203331-01`;
const read = (traceparent?: string, tracestate = "vendor=1") =>
  readTrace(new Headers({ tracestate, ...(traceparent === undefined ? {} : { traceparent }) }));

describe("the trace of a request", () => {
  it("is the one that it came with", () => {
    expect(read(given)).toEqual({ traceparent: given, tracestate: "vendor=1" });
    expect(traceIdOf(read(given))).toBe(id);
  });

  it("may be of a later version, whose further fields are passed on", () => {
    const later = `cc-${id}-b7ad6b7169203331-01-what-the-future-holds`;
    expect(read(later).traceparent).toBe(later);
  });

  it.each([
    undefined,
    "",
    "garbage",
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${id}-${"0".repeat(16)}-01`,
    `ff-${id}-b7ad6b7169203331-01`,
    `00-${id.toUpperCase()}-b7ad6b7169203331-01`,
    `${given}-more`,
    `cc-${id}-b7ad6b7169203331-01-${"x".repeat(100)}`,
  ])("is a new one instead of %j, without the state of the old", (traceparent) => {
    const trace = read(traceparent);
    expect(trace.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(trace.tracestate).toBeNull();
    expect(read(traceparent).traceparent).not.toBe(trace.traceparent);
  });

  it("drops a state that is too long to pass on", () => {
    expect(read(given, `vendor=${"x".repeat(600)}`)).toEqual({ traceparent: given, tracestate: null });
  });
});
