export type { BusEvent, BusState, EventBus, SubscribeOptions, Subscription } from "./bus.ts";
export { BusError, type BusErrorCode, type OnBusError } from "./bus-error.ts";
export { createInProcessBus, type InProcessBusOptions } from "./in-process-bus.ts";
