"""LanceDB as the store of the benches: one request a line on stdin, one answer a line on stdout, both JSON.

{"op": "fill", "directory": D, "table": T, "part": P, "vectors": FILE, "texts": FILE, "dimensions": n} -> {"seconds": s, "bytes": b}
{"op": "search", "way": W, "queries": FILE, "limit": n} -> {"milliseconds": […], "found": [[id, …], …]}

Tables are `IVF_PQ` and `HNSW_SQ`; parts of them are `rows`, `index` and `full text`, in this order. `bytes` is what a part takes on disk.

FILE of vectors is float32, one row after another; of texts, a JSON string a line; of queries, a JSON array of {"text", "vector"}. The id
of a row is its position. Ways are `exact`, `IVF_PQ`, `HNSW_SQ`, `keyword` and `hybrid`.
"""

import importlib.metadata
import json
import os
import sys
import time

os.environ["LANCEDB_LOG"] = "error"

import lancedb  # noqa: E402  (the environment must stand before the library loads)
import numpy  # noqa: E402
import pyarrow  # noqa: E402
from lancedb.index import FTS, HnswSq, IvfPq  # noqa: E402
from lancedb.rerankers import RRFReranker  # noqa: E402

VECTOR_INDEXES = {"IVF_PQ": IvfPq, "HNSW_SQ": HnswSq}
ROWS_AT_ONCE = 10_000
REFINE = 10


def batches(request):
    vectors = numpy.fromfile(request["vectors"], dtype="<f4").reshape(-1, request["dimensions"])
    with open(request["texts"], encoding="utf-8") as file:
        texts = [json.loads(line) for line in file]
    if len(texts) != len(vectors):
        raise SystemExit(f"{len(texts)} texts and {len(vectors)} vectors")
    for start in range(0, len(texts), ROWS_AT_ONCE):
        part = vectors[start : start + ROWS_AT_ONCE]
        column = pyarrow.FixedSizeListArray.from_arrays(part.reshape(-1), request["dimensions"])
        ids = list(range(start, start + len(part)))
        yield pyarrow.table({"id": ids, "text": texts[start : start + ROWS_AT_ONCE], "vector": column})


def write(database, name, request):
    """A table with all rows, added ten thousand at a time. Gives it and the seconds in LanceDB alone."""
    table, seconds = None, 0.0
    for batch in batches(request):
        start = time.perf_counter()
        if table is None:
            table = database.create_table(name, data=batch)
        else:
            table.add(batch)
        seconds += time.perf_counter() - start
    return table, seconds


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bytes_of(directory):
    return sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(directory) for name in names)


def fill(database, tables, request):
    """One part of a table. There are two of the same rows, for a column's index is one: with IVF_PQ and full text, and with HNSW_SQ."""
    name, part = request["table"], request["part"]
    place = os.path.join(request["directory"], f"{name}.lance")
    if part == "rows":
        tables[name], seconds = write(database, name, request)
        return {"seconds": seconds, "bytes": bytes_of(place)}
    table = tables[name]
    before = bytes_of(place)
    index = FTS() if part == "full text" else VECTOR_INDEXES[name](distance_type="cosine")
    seconds = timed(lambda: table.create_index("text" if part == "full text" else "vector", config=index))
    left_out = [index.name for index in table.list_indices() if index.num_unindexed_rows != 0]
    if left_out:
        raise SystemExit(f"{name}: rows are missing in {left_out}")
    return {"seconds": seconds, "bytes": bytes_of(place) - before}


def query(tables, way, text, vector):
    if way == "keyword":
        return tables["IVF_PQ"].search(text, query_type="fts").select(["id", "text", "_score"])
    if way == "hybrid":
        builder = tables["IVF_PQ"].search(query_type="hybrid").vector(vector).text(text).distance_type("cosine")
        return builder.refine_factor(REFINE).rerank(RRFReranker()).select(["id", "text"])
    builder = tables["HNSW_SQ" if way == "HNSW_SQ" else "IVF_PQ"].search(vector).distance_type("cosine")
    builder = builder.select(["id", "text", "_distance"])
    return builder.bypass_vector_index() if way == "exact" else builder.refine_factor(REFINE)


def search(tables, request):
    with open(request["queries"], encoding="utf-8") as file:
        queries = [(each["text"], numpy.asarray(each["vector"], dtype="<f4")) for each in json.load(file)]
    milliseconds, found = [], []
    for text, vector in queries:
        start = time.perf_counter()
        rows = query(tables, request["way"], text, vector).limit(request["limit"]).to_list()
        milliseconds.append((time.perf_counter() - start) * 1000)
        found.append([row["id"] for row in rows])
    return {"milliseconds": milliseconds, "found": found}


def main():
    answer({"versions": {name: importlib.metadata.version(name) for name in ("lancedb", "pyarrow")}})
    database, tables = None, {}
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "fill":
            database = database or lancedb.connect(request["directory"])
            answer(fill(database, tables, request))
        elif request["op"] == "search":
            answer(search(tables, request))
        else:
            raise SystemExit(f"unknown request {request['op']}")


def answer(value):
    print(json.dumps(value), flush=True)


main()
