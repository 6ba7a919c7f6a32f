#!/usr/bin/env bash
# nats-server 2.9.10 (Debian 12) with @nats-io/jetstream 3.x: purging a stream does not forget its message ids.
# Guess: after a purge the stream is as new, and what is published again under the same Nats-Msg-Id is stored. Seen: within the
# duplicate window (two minutes by default) it is acknowledged as a duplicate of a message that is gone, with the sequence of
# that message, and stored nowhere. A publisher that replays its outbox after a purge loses everything, with success.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
version=$(nats-server --version)
[ "$version" = "nats-server: v2.9.10" ] || { echo "another version: $version"; exit 1; }
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @nats-io/jetstream@3.4.0 @nats-io/transport-node@3.4.0
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
nats-server -a 127.0.0.1 -p "$port" -js -sd "$folder/data" >/dev/null 2>&1 &
server=$!
cat >run.mjs <<'JS'
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}`, waitOnFirstConnect: true });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "events", subjects: ["events"] });
const publish = async () => {
  const { seq, duplicate } = await jetstream(connection).publish("events", "signed out", { msgID: "a" });
  return `seq ${seq} duplicate ${duplicate === true}`;
};
const stored = async () => `${(await manager.streams.info("events")).state.messages} stored`;
const seen = [await publish(), await stored()];
await manager.streams.purge("events");
seen.push(await stored(), await publish(), await stored());
await connection.close();
console.log("nats-server 2.9.10:", seen.join(" | "));
const expected = ["seq 1 duplicate false", "1 stored", "0 stored", "seq 1 duplicate true", "0 stored"];
process.exit(seen.join() === expected.join() ? 0 : 1);
JS
node run.mjs "$port"
