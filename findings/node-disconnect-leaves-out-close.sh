#!/usr/bin/env bash
# node 26.10.0: a ChildProcess whose parent called `disconnect()` emits "exit" and never "close".
# Guess: "close" follows once the process has ended and its streams have, as the documentation says and as Bun does; a caller
# that waits for "close", to have all of the output, waits for ever. Seen: only "exit" comes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@26.10.0
cat >run.mjs <<'JS'
import { spawn } from "node:child_process";

const program = "process.once('disconnect', () => process.exit(0)); setInterval(() => {}, 1000); console.log('up')";
const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
const seen = [];
child.stdout.on("data", () => child.disconnect());
child.stdout.on("end", () => seen.push("output ended"));
child.stderr.resume();
child.on("exit", () => seen.push("exit"));
child.on("close", () => seen.push("close"));
setTimeout(() => {
  console.log(`node ${process.versions.node}, events of a child that was disconnected:`, seen.join(", "));
  process.exit(seen.includes("exit") && seen.includes("output ended") && !seen.includes("close") ? 0 : 1);
}, 3000);
JS
node_modules/.bin/node run.mjs
