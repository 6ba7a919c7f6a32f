import { accountWeaknesses } from "./weaknesses/accounts.ts";
import { feedWeaknesses } from "./weaknesses/feed.ts";
import { refreshWeaknesses } from "./weaknesses/refreshes.ts";
import { rightsWeaknesses } from "./weaknesses/rights.ts";
import type { Weakness } from "./weaknesses/weakness.ts";

/** All that the model must find. */
export const weaknesses: readonly Weakness[] = [
  ...rightsWeaknesses,
  ...accountWeaknesses,
  ...refreshWeaknesses,
  ...feedWeaknesses,
];
