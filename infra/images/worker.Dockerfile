# The worker that follows a bucket's notifications: Node, the bundle and nothing else.
#
#   npm run bundle -- ingest-worker --arch x64
#   docker build -f infra/images/worker.Dockerfile --platform linux/amd64 \
#     --build-arg NODE_DIGEST=sha256:… -t REGISTRY/ingest-worker:VERSION .
#
# The digest of the base image is not written here, so that a build says which one it used. It is found by
#
#   docker buildx imagetools inspect gcr.io/distroless/nodejs24-debian13:nonroot --format '{{.Manifest.Digest}}'
#
# and goes, with the tag's date, into the pipeline's settings. The digest is that of the image for all architectures.
ARG NODE_DIGEST

# The bundle that the tests ran, tried on the very base that it will run on: a library that is missing there, or binaries
# of another architecture, end the build and not the worker.
FROM gcr.io/distroless/nodejs24-debian13@${NODE_DIGEST} AS checked
COPY build/ingest-worker/ /app/
RUN ["/nodejs/bin/node", "-e", "require('/app/onnxruntime_binding.node')"]
RUN ["/nodejs/bin/node", "/app/ingest-worker.mjs", "--help"]

FROM gcr.io/distroless/nodejs24-debian13@${NODE_DIGEST}
COPY --from=checked /app/ /app/
# The root file system may be read-only: what little it writes lies here. Mount an emptyDir.
ENV ISTHMUS_DATA_DIR=/tmp/isthmus
# glibc's heap for every thread costs a tenth of the memory and gains nothing (docs/performance.md).
ENV MALLOC_ARENA_MAX=2
# By number: Kubernetes' runAsNonRoot cannot judge a name.
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["/nodejs/bin/node", "--disable-warning=ExperimentalWarning", "/app/ingest-worker.mjs"]
