import type { Surroundings, TabChannel, TabLock, TabMessage, Timers } from "../src/index.ts";

/** One tab of a test's browser. */
export type TestTab = Surroundings & { hide(): void; show(): void };

/** A browser with many tabs: one cookie jar, one clock, locks and messages between tabs. */
export type TestBrowser = {
  /** What auth's cookies say; a test plays auth. */
  hint: { session: string; generation: number; endsAt: number } | null;
  openTab(changes?: Partial<Surroundings>): TestTab;
  /** Moves the clock, in seconds, and does what is due on the way. */
  advance(seconds: number): Promise<void>;
  readonly now: () => number;
  readonly timers: Timers;
  /** How many timers are set. */
  readonly waiting: () => number;
};

type Due = { at: number; work: () => void };

export function createBrowser(): TestBrowser {
  let time = 1_800_000_000_000;
  const due = new Set<Due>();
  const listeners = new Map<object, (message: TabMessage) => void>();
  let queue: Promise<unknown> = Promise.resolve();

  const timers: Timers = {
    after: (ms, work) => {
      const entry = { at: time + ms, work };
      due.add(entry);
      return () => void due.delete(entry);
    },
  };

  const lock: TabLock = (work) => {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined); // whoever waits does not care how the one before ended
    return turn;
  };

  const channelOf = (tab: object): TabChannel => ({
    tell: (message) => {
      for (const [other, listener] of listeners) if (other !== tab) queueMicrotask(() => listener(message));
    },
    listen: (listener) => {
      listeners.set(tab, listener);
      return () => void listeners.delete(tab);
    },
  });

  const browser: TestBrowser = {
    hint: null,
    now: () => time,
    timers,
    waiting: () => due.size,
    async advance(seconds) {
      const end = time + seconds * 1000;
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        due.delete(next);
        time = Math.max(time, next.at);
        next.work();
        await settle();
      }
      time = end;
    },
    openTab(changes = {}) {
      let visible = true;
      const watchers = new Set<() => void>();
      const turn = (to: boolean): void => {
        visible = to;
        for (const watcher of watchers) watcher();
      };
      const tab: TestTab = {
        now: () => time,
        timers,
        cookies: () => (browser.hint === null ? "theme=dark" : `theme=dark; session_hint=${hintOf(browser.hint)}`),
        lock,
        channel: { tell: () => undefined, listen: () => () => undefined },
        page: {
          isVisible: () => visible,
          onChange: (listener) => {
            watchers.add(listener);
            return () => void watchers.delete(listener);
          },
        },
        hide: () => turn(false),
        show: () => turn(true),
      };
      return Object.assign(tab, { channel: channelOf(tab) }, changes);
    },
  };
  return browser;
}

/** Lets whatever was set off come to rest: it takes a few turns of the event loop, and no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function hintOf({ session, generation, endsAt }: { session: string; generation: number; endsAt: number }): string {
  return `${session}.${generation}.${Math.floor(endsAt / 1000)}`;
}
