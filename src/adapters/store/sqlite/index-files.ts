const INDEX_FILE = /^(index\.sqlite|writer\.lock|listing-\d+-[0-9a-f]+\.sqlite)(-wal|-shm|-journal)?$/;

/** Whether a name in the folder of a store is that of a file of its index, its lock, or what SQLite keeps beside them. */
export function isIndexFile(name: string): boolean {
  return INDEX_FILE.test(name);
}
