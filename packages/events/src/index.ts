export type { BusEvent, BusState, EventBus, SubscribeOptions, Subscription } from "./bus.ts";
export { BusError, type BusErrorCode, type OnBusError } from "./bus-error.ts";
export { checkTopic } from "./checked-event.ts";
export { createInProcessBus, type InProcessBusOptions } from "./in-process-bus.ts";
export { createNatsBus, type NatsBusOptions } from "./nats-bus.ts";
export type { PostgresPort } from "./postgres/port.ts";
export { createPostgresBus, type PostgresBusOptions } from "./postgres-bus.ts";
export { retryDelay } from "./retry.ts";
export { createSubscriber, type Subscriber } from "./subscriber.ts";
