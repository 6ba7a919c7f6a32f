import { expect, it } from "vitest";
import { nextPort } from "./next-port.ts";

it("is the first that is free, and neither the gateway's nor the web app's", () => {
  expect(nextPort([4001, 4002, 4004])).toBe(4003);
  expect(nextPort([4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009])).toBe(4011);
});
