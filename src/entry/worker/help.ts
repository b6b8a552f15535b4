/** What the worker answers to `--help`: it is configured by its environment alone. */
export const workerHelp = `ingest-worker: keeps the index true to a bucket of Google Cloud Storage, as its notifications come, until it is stopped.

These variables configure it:

  GCS_BUCKET_NAME           the bucket
  SOURCE_BLOB_NAME          an object, or a prefix ending in "/"; not set: the whole bucket
  ISTHMUS_SUBSCRIPTION      the Pub/Sub subscription with its notifications: projects/PROJECT/subscriptions/NAME
  ISTHMUS_MESSAGES_IN_HAND  notifications in hand at once (64); fewer where documents are large
  ISTHMUS_LEASE_SECONDS     so long after a worker died another one gets what it had in hand (60)
  ISTHMUS_GRACE_SECONDS     from SIGTERM to the process killing itself (25)
  HOST, PORT                where /healthz and /readyz are answered (0.0.0.0, 8080)
  WEAVIATE_URL              Weaviate's HTTP address (WEAVIATE_INTERNAL_URL is the same)
  WEAVIATE_GRPC_URL         its gRPC address, if it is not the same host at port 50051
  WEAVIATE_API_KEY          the writer's key, or WEAVIATE_API_KEY_FILE: a file of it

All others are those of the Job: docs/operations/ingestion.md. Any number of workers may follow one subscription. Logs are
JSON, one object a line. Exit codes: 0 stopped by SIGTERM, 1 it could not go on.

Example: GCS_BUCKET_NAME=my-docs ISTHMUS_SUBSCRIPTION=projects/my-project/subscriptions/my-docs-ingest \\
         WEAVIATE_URL=http://weaviate:8080 WEAVIATE_API_KEY_FILE=/keys/writer node ingest-worker.mjs
`;
