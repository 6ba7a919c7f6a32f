import { createLog } from "../src/log.ts";
import { runMain } from "../src/run-main.ts";
import { serve } from "../src/serve.ts";

/** A process that serves and logs until a signal; `argv`: the delay in milliseconds. Prints its port, and a line for each request. */
const log = createLog({ service: "orders", level: "info" });
await runMain(async (shutdown) => {
  const served = await serve(
    async (request) => {
      log.info({}, "A request ended.");
      process.stdout.write("A request ended.\n");
      if (request.url.endsWith("/health/ready"))
        return new Response(null, { status: shutdown.isStopping() ? 503 : 200 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      return new Response("whole");
    },
    { port: 0, hostname: "127.0.0.1" },
  );
  shutdown.add(() => served.stop());
  shutdown.delayBy(Number(process.argv[2]), served.announceStop);
  process.stdout.write(`${served.port}\n`);
});
