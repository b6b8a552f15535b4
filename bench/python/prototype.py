"""The prototype's way of ingesting, written anew for the comparison: one `encode` a line, and Weaviate's own client in
batches of 100, which it sends in the background while the next lines are encoded."""

import time

import weaviate
from weaviate.classes.config import Configure, DataType, Property
from weaviate.classes.init import Auth

BATCH = 100


def ingest(model, lines, server):
    """Fills a new collection with one object a line, and removes it again. Gives the seconds of the filling alone."""
    client = weaviate.connect_to_custom(
        http_host="127.0.0.1",
        http_port=server["http"],
        http_secure=False,
        grpc_host="127.0.0.1",
        grpc_port=server["grpc"],
        grpc_secure=False,
        auth_credentials=Auth.api_key(server["key"]),
    )
    with client:
        name = server["collection"]
        collection = client.collections.create(
            name,
            vector_config=Configure.Vectors.self_provided(),
            properties=[Property(name="content", data_type=DataType.TEXT)],
        )
        start = time.perf_counter()
        with collection.batch.fixed_size(batch_size=BATCH) as batch:
            for line in lines:
                vector = model.encode(line, show_progress_bar=False)
                batch.add_object(properties={"content": line}, vector=vector.tolist())
        seconds = time.perf_counter() - start
        failed = len(collection.batch.failed_objects)
        stored = collection.aggregate.over_all(total_count=True).total_count
        client.collections.delete(name)
    if failed or stored != len(lines):
        raise SystemExit(f"{stored} of {len(lines)} lines were stored, {failed} failed")
    return seconds
