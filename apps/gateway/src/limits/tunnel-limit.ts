import { Refusal } from "@countersign/context";
import { type Answer, addressKey, createOpenCount, tooManyStreams, unknownClient } from "@countersign/service";

/** How many WebSockets may be open at once. */
export type TunnelSizes = { readonly perAddress: number; readonly all: number };

/**
 * Opens a WebSocket, which counts from here on until it has ended, or was not agreed to. A client that a trusted proxy does
 * not name counts among all alone.
 *
 * @throws Refusal TOO_MANY_REQUESTS for one too many of this address, SERVICE_UNAVAILABLE for one too many of all
 */
export type TunnelLimit = (address: string, open: () => Promise<Answer>) => Promise<Answer>;

const everyone = "";

export function createTunnelLimit({ perAddress, all }: TunnelSizes): TunnelLimit {
  const ofAddress = createOpenCount(perAddress);
  const ofAll = createOpenCount(all);
  return async (address, open) => {
    const key = address === unknownClient ? null : addressKey(address);
    if (key !== null && !ofAddress.hasRoom(key)) throw tooManyStreams(perAddress);
    if (!ofAll.hasRoom(everyone)) throw full();
    ofAll.add(everyone);
    if (key !== null) ofAddress.add(key);
    const leave = () => {
      ofAll.remove(everyone);
      if (key !== null) ofAddress.remove(key);
    };
    try {
      const answer = await open();
      if (answer.tunnel === undefined) leave();
      else answer.tunnel.onClose(leave);
      return answer;
    } catch (error) {
      leave();
      throw error;
    }
  };
}

function full(): Refusal {
  const options = { reason: "too_many_tunnels", retryAfterSeconds: 5 };
  return new Refusal("SERVICE_UNAVAILABLE", "Too many WebSockets are open; try again.", options);
}
