/** Passes a body on up to a length; the chunk that goes beyond ends it with an error, after `exceeded` was told. */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  exceeded: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let passed = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        passed += value.byteLength;
        if (passed <= maxBytes) return controller.enqueue(value);
        exceeded();
        controller.error(new Error("The body is longer than allowed."));
        await reader.cancel();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
