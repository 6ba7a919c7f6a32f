/** The metrics of a scrape: name to the labels that its samples have. */
export type Exposed = Map<string, Set<string>>;

/** Adds what one `/metrics` shows, in Prometheus' text format: `_bucket`, `_sum` and `_count` by their own names. */
export function addExposed(exposed: Exposed, text: string): void {
  for (const line of text.split("\n")) {
    const [, type] = /^# TYPE (\S+)/.exec(line) ?? [];
    if (type !== undefined && !exposed.has(type)) exposed.set(type, new Set());
    const [, name, labels = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = exposed.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label);
    exposed.set(name, known);
  }
}
