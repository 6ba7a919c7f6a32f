import { setting } from "@countersign/service";
import { startForDemo } from "./story/start-for-demo.ts";
import { tellStory } from "./story/tell-story.ts";

/** `npm run demo`: the main job as a client lives through it; starts the platform itself when none answers. */
const url = setting.origin("http://localhost:4000").parse(process.env["PUBLIC_URL"]);
const platform = await startForDemo(url);
let steps = 0;
try {
  await tellStory({
    url,
    fetch: globalThis.fetch,
    proved: (step) => {
      steps += 1;
      process.stdout.write(`${String(steps).padStart(2)}. ${step}\n`);
    },
  });
  process.stdout.write(`The story holds: ${steps} steps.\n`);
} catch (error) {
  process.stderr.write(`Step ${steps + 1} went otherwise: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await platform.stop();
}
