/** The answer is no HTTP, or not clearly one thing. The message holds nothing of it. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";

  constructor(where: string) {
    super(`The answer is malformed: ${where}.`);
  }
}
