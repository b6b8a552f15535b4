/** A set of row numbers at one bit each: a million of them take 125 kB. Row numbers of a table are dense, from 1. */
export class RowSet {
  #bits = new Uint8Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(row: number): void {
    const byte = Math.floor(row / 8);
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    if (this.has(row)) return;
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (row % 8));
    this.#size++;
  }

  has(row: number): boolean {
    return ((this.#bits[Math.floor(row / 8)] ?? 0) & (1 << (row % 8))) !== 0;
  }
}
