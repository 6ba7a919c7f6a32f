import type { OpenDatabase } from "./types.ts";

/** How long an answer stands, in milliseconds: however often readiness is asked, one write in this time pays for it. */
const answerMs = 1_000;

type Answer = { readonly writes: Promise<void>; endsAt: number };

/** `OpenDatabase.checkWritable` by a statement. Only a write that is stored proves that a server takes writes. */
export function createWriteCheck(query: OpenDatabase["query"]): OpenDatabase["checkWritable"] {
  const answers = new Map<string, Answer>();

  async function write(name: string): Promise<void> {
    const table = `"${name.replaceAll('"', '""')}"."__drizzle_migrations"`;
    await query(`update ${table} set hash = hash where id = (select min(id) from ${table})`);
  }

  return (name) => {
    const known = answers.get(name);
    if (known !== undefined && performance.now() < known.endsAt) return known.writes;
    const answer: Answer = { writes: write(name), endsAt: Number.POSITIVE_INFINITY }; // one that hangs is not repeated
    const settled = () => {
      answer.endsAt = performance.now() + answerMs;
    };
    answer.writes.then(settled, settled);
    answers.set(name, answer);
    return answer.writes;
  };
}
