import type { ServiceName } from "@countersign/access";
import type { OpenDatabase } from "@countersign/database";
import {
  callProcedure,
  createTestChassis,
  createTestIssuer,
  type ProcedureAnswer,
  testUserId,
} from "@countersign/testing";
import { createApp } from "../src/app.ts";

/** Inventory on this database, called through its door with the tokens of other services. */
export async function openInventory(database: OpenDatabase) {
  const issuer = await createTestIssuer();
  const app = createApp({ chassis: createTestChassis("inventory", { issuer }), database });
  const as =
    (caller: ServiceName) =>
    async (path: string, input: unknown): Promise<ProcedureAnswer> =>
      callProcedure(app, path, { type: "mutation", input, token: await issuer.serviceToken(caller, "inventory") });
  const [orders, products] = [as("orders"), as("products")];
  /** Orders, calling for this user. */
  const ordersFor =
    (id: string = testUserId) =>
    async (path: string, input: unknown): Promise<ProcedureAnswer> => {
      const token = await issuer.delegatedToken("orders", "inventory", { id });
      return callProcedure(app, path, { type: "mutation", input, token });
    };
  const shopper = ordersFor();

  /** Makes a product with this level, under an id of its own. */
  const stock = async (level: number): Promise<string> => {
    const productId = crypto.randomUUID();
    await products("setLevel", { productId, level });
    return productId;
  };
  const levelOf = async (productId: string): Promise<unknown> =>
    (await orders("levels", { productIds: [productId] })).data;
  return { orders, ordersFor, shopper, products, stock, levelOf };
}
