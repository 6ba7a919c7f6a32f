/** A closed pipe, and a terminal that hung up. */
const readerIsGone: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

/**
 * Keeps an error of an output from ending the process when its reader has gone, as when the collector of its log restarts.
 *
 * @throws the error, when it is another one
 */
export function ignoreClosedOutput(error: NodeJS.ErrnoException): void {
  if (!readerIsGone.has(error.code)) throw error;
}

/** Lets the process outlive the readers of its standard output and standard error. */
export function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) output.on("error", ignoreClosedOutput);
}
