import type { Algorithm } from "@countersign/tokens";
import type { KeyDeps } from "../deps.ts";

/** The algorithms of the tokens that are believed: that of the keys, or HS256 where a secret is shared. */
export function believed({
  algorithm,
  sharesSecret,
}: Pick<KeyDeps, "algorithm" | "sharesSecret">): readonly Algorithm[] {
  return [sharesSecret ? "HS256" : algorithm];
}
