import { gatewayPort } from "@countersign/access";
import { explainFailure, readSettingsAtStart } from "@countersign/service";
import { startForDemo } from "./story/start-for-demo.ts";
import { tellStory } from "./story/tell-story.ts";

/** `npm run demo`: the main job as a client lives through it; starts the platform itself when none answers. */
try {
  await demonstrate();
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}

async function demonstrate(): Promise<void> {
  const { PUBLIC_URL, PORT = gatewayPort } = readSettingsAtStart("demo", process.env);
  const url = PUBLIC_URL ?? `http://localhost:${PORT}`;
  const platform = await startForDemo(url, { isPublic: PUBLIC_URL !== undefined });
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
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Step ${steps + 1} went otherwise: ${why}\n`);
    process.exitCode = 1;
  } finally {
    await platform.stop();
  }
}
