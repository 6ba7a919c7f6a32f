/** Collects the bytes of a head that comes in parts. However small they are, no byte is copied or looked at often. */
export type HeadBuffer = {
  /** Adds bytes; gives all that were added and not yet taken. */
  add(bytes: Buffer): Buffer;
  /** Where the empty line that ends the head begins, or -1. */
  end(): number;
  /** Takes the first bytes off. */
  take(length: number): void;
};

const emptyLine = "\r\n\r\n";

export function createHeadBuffer(): HeadBuffer {
  let store: Buffer = Buffer.alloc(0);
  let used = 0;
  let searched = 0;

  function grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * store.length));
    store.copy(grown, 0, 0, used);
    store = grown;
  }

  return {
    add(bytes) {
      if (used === 0) {
        store = bytes; // a whole head in one part, as nearly all are, is not copied
      } else {
        if (used + bytes.length > store.length) grow(used + bytes.length);
        bytes.copy(store, used);
      }
      used += bytes.length;
      return store.subarray(0, used);
    },
    end() {
      const found = store.subarray(0, used).indexOf(emptyLine, searched);
      if (found === -1) searched = Math.max(0, used - emptyLine.length + 1);
      return found;
    },
    take(length) {
      store = store.subarray(length, used);
      used -= length;
      searched = 0;
    },
  };
}
