/** The health check of the image: asks the service in this container whether it is ready. The gateway has one page. */
const port = process.env["PORT"] ?? "4000";
const path = process.env["HEALTH_PATH"] ?? "/health/ready";
const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) });
process.exitCode = response.ok ? 0 : 1;
