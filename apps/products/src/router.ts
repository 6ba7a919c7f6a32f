import { router } from "@countersign/context";
import type { ProductsDeps } from "./deps.ts";
import { createProduct } from "./procedures/create-product.ts";
import { getProduct } from "./procedures/get-product.ts";
import { listProducts } from "./procedures/list-products.ts";
import { setPrice } from "./procedures/set-price.ts";

export function createProductsRouter(deps: ProductsDeps) {
  return router({
    list: listProducts(deps),
    get: getProduct(deps),
    create: createProduct(deps),
    setPrice: setPrice(deps),
  });
}

/** The type that callers import; never the code. */
export type ProductsRouter = ReturnType<typeof createProductsRouter>;
