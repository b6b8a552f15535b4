/** Writes to buckets by the JSON API, as any tool does. */
export interface BucketClient {
  createBucket(bucket: string): Promise<void>;
  /** An empty one. */
  removeBucket(bucket: string): Promise<void>;
  /** Writes an object whole, over the one of that name. Gives its generation. */
  upload(
    bucket: string,
    name: string,
    bytes: Uint8Array | string,
    metadata?: { readonly contentType?: string; readonly contentEncoding?: string },
  ): Promise<string>;
  remove(bucket: string, name: string): Promise<void>;
}

const boundary = "isthmus-part-boundary";

export function createBucketClient(url: string): BucketClient {
  const api = `${url}/storage/v1`;
  async function call(path: string, options: RequestInit): Promise<unknown> {
    const answer = await fetch(path, options);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${options.method} ${path} answered ${answer.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
  return {
    async createBucket(bucket) {
      const headers = { "content-type": "application/json" };
      await call(`${api}/b?project=test`, { method: "POST", headers, body: JSON.stringify({ name: bucket }) });
    },
    async removeBucket(bucket) {
      await call(`${api}/b/${bucket}`, { method: "DELETE" });
    },
    async upload(bucket, name, bytes, metadata = {}) {
      const { contentType = "application/octet-stream" } = metadata;
      const parts = [
        `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify({ name, ...metadata })}`,
        `\r\n--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`,
        bytes,
        `\r\n--${boundary}--\r\n`,
      ];
      const written = await call(`${url}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`, {
        method: "POST",
        headers: { "content-type": `multipart/related; boundary=${boundary}` },
        body: Buffer.concat(parts.map((part) => Buffer.from(part))),
      });
      return (written as { readonly generation: string }).generation;
    },
    async remove(bucket, name) {
      await call(`${api}/b/${bucket}/o/${encodeURIComponent(name)}`, { method: "DELETE" });
    },
  };
}
