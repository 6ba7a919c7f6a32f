/** Runs one piece of work after the other, in the order of asking, whether or not the one before succeeded. */
export function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => undefined); // told to whom it concerns through `result`
    return result;
  };
}
