import { nkeys } from "@nats-io/transport-node";

/** What a broker that knows users by their JWTs is configured with, and the credentials of one user. */
export type NatsAccounts = { readonly config: string; readonly credentials: string };

/** An operator, a system account and an account with JetStream, as `nsc` makes them. */
export function createNatsAccounts(): NatsAccounts {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const sign = (issuer: nkeys.KeyPair, subject: nkeys.KeyPair, nats: object): string => {
    const head = encode({ typ: "JWT", alg: "ed25519-nkey" });
    const iat = Math.floor(Date.now() / 1000);
    const claims = { jti: subject.getPublicKey(), iat, iss: issuer.getPublicKey(), sub: subject.getPublicKey(), nats };
    const body = encode({ ...claims, name: "test" });
    const signature = issuer.sign(new TextEncoder().encode(`${head}.${body}`));
    return `${head}.${body}.${Buffer.from(signature).toString("base64url")}`;
  };
  const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const jetstream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountOf = (limits: object) => ({ type: "account", version: 2, limits });
  const jwts = {
    operator: sign(operator, operator, { type: "operator", version: 2 }),
    system: sign(operator, system, accountOf(unlimited)),
    account: sign(operator, account, accountOf({ ...unlimited, ...jetstream })),
    user: sign(account, user, { type: "user", version: 2, subs: -1, data: -1, payload: -1 }),
  };
  const preload = `${system.getPublicKey()}: ${jwts.system}\n${account.getPublicKey()}: ${jwts.account}`;
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${jwts.operator}\nsystem_account: ${system.getPublicKey()}\nresolver: MEMORY\nresolver_preload: {\n${preload}\n}\n`,
    credentials: `${block("NATS USER JWT", jwts.user)}\n${block("USER NKEY SEED", seed)}`,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function block(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
}
