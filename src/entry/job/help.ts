/** What the Job answers to `--help`: it is configured by its environment alone. */
export const jobHelp = `ingest-job: brings the index up to date with a bucket of Google Cloud Storage, once.

These variables configure it:

  GCS_BUCKET_NAME          the bucket
  SOURCE_BLOB_NAME         an object, or a prefix ending in "/"; not set: the whole bucket
  DOCUMENT_FORMAT          auto (by type), or lines: text files hold one document a line
  WEAVIATE_URL             Weaviate's HTTP address (WEAVIATE_INTERNAL_URL is the same)
  WEAVIATE_GRPC_URL        its gRPC address, if it is not the same host at port 50051
  WEAVIATE_API_KEY         the writer's key, or WEAVIATE_API_KEY_FILE: a file of it
  ISTHMUS_JOB_COMPLETIONS  the completions of an Indexed Job: each pod takes its share of the objects

With the argument "doctor" it ingests nothing, and walks the way from here to Weaviate: names, ports, certificates, key,
role, schema. With "reconcile" it compares the bucket with the index and its chunks, and with "reconcile --repair" it mends
what differs.

All others: docs/operations/ingestion.md. Logs are JSON, one object a line. Exit codes: 0 all good, 1 it could not be
done, 2 some documents failed, or bucket and index differ, 143 stopped by SIGTERM (the next run goes on).

Example: GCS_BUCKET_NAME=my-docs WEAVIATE_URL=http://weaviate:8080 WEAVIATE_API_KEY_FILE=/keys/writer node ingest-job.mjs
`;
