import { stat } from "node:fs/promises";

/** Tells one folder from another that took its place under the same path. */
export interface FolderIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly bornNs: bigint;
  readonly changedNs: bigint;
}

/** Undefined when what is there is no folder. @throws as the system does. */
export async function folderIdentity(path: string): Promise<FolderIdentity | undefined> {
  const stats = await stat(path, { bigint: true });
  if (!stats.isDirectory()) return undefined;
  return { device: stats.dev, inode: stats.ino, bornNs: stats.birthtimeNs, changedNs: stats.ctimeNs };
}

/** Undefined when nothing that can be looked at is there, or no folder. */
export async function identityNow(path: string): Promise<FolderIdentity | undefined> {
  try {
    return await folderIdentity(path);
  } catch {
    return undefined;
  }
}

/** Whether both are one folder, or both none. */
export function isSameFolder(one: FolderIdentity | undefined, other: FolderIdentity | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.device !== other.device || one.inode !== other.inode) return false;
  if (one.bornNs === other.bornNs) return true;
  // Inodes are used again, so the time of birth decides. Systems that do not keep it give the time of change instead.
  return one.bornNs === one.changedNs && other.bornNs === other.changedNs;
}

/** Whether both are one folder beyond doubt: without a time of birth, only as long as nothing in it has changed. */
export function isCertainlySame(one: FolderIdentity | undefined, other: FolderIdentity | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.device === other.device && one.inode === other.inode && one.bornNs === other.bornNs;
}
