#!/usr/bin/env bash
# bun 1.4.5: `Bun.serve` on a host name that cannot be looked up fails with whatever error number was left over.
# Guess: ENOTFOUND or EADDRNOTAVAIL, as node:net says of the same name, so that a program can say which setting is wrong.
# Seen: codes such as EINVAL or ENOTTY, with "listen" as the cause, and never one of a look-up.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact bun@1.4.5
cat >run.mjs <<'JS'
let code = "none";
try {
  Bun.serve({ port: 0, hostname: "nonesuch.invalid", fetch: () => new Response() });
} catch (error) {
  code = error.code;
}
console.log(`bun ${Bun.version}, listening on a name that does not exist:`, code);
process.exit(["none", "ENOTFOUND", "EADDRNOTAVAIL", "EAI_AGAIN"].includes(code) ? 1 : 0);
JS
node_modules/.bin/bun run.mjs
