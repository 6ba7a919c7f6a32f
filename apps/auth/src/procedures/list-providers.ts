import { publicProcedure } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";

/** The providers at which people can sign in, for buttons that lead to `/auth/<name>?to=<path>`. */
export const listProviders = ({ providers }: RouterDeps) =>
  publicProcedure.query((): { items: { name: string; label: string }[] } => ({
    items: [...providers.values()].map(({ name, label }) => ({ name, label })),
  }));
