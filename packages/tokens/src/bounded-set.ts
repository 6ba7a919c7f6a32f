/** Remembers the last `capacity` strings added to it; adding one more forgets the oldest. */
export class BoundedSet {
  readonly #capacity: number;
  readonly #values = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#values.size;
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  add(value: string): void {
    this.#values.delete(value); // so that adding again makes it the youngest
    this.#values.add(value);
    if (this.#values.size <= this.#capacity) return;
    const [oldest] = this.#values;
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  clear(): void {
    this.#values.clear();
  }
}
