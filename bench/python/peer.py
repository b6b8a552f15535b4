"""The Python side of the benches: one request a line on stdin, one answer a line on stdout, both JSON.

    peer.py THREADS torch|onnx|openvino GRAPH

{"op": "load", "texts": FILE}                        -> {"tokens": n}
{"op": "encode", "batch": n, "vectors": FILE | null} -> {"seconds": s, "cpu": s}
{"op": "encode_each", "limit": n}                    -> {"seconds": s, "cpu": s}
{"op": "ingest", "limit": n, "server": {…}}          -> {"seconds": s, "cpu": s}

GRAPH is the int8 model for `onnx`; the others take the fp32 model. `cpu` is what all threads of this process used meanwhile. FILE of
texts is a JSON array of strings; FILE of vectors is written as float32, one row after another. `tokens` counts what the model reads:
special tokens in, truncated at the limit.
"""

import importlib.metadata
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TQDM_DISABLE"] = "1"

import numpy  # noqa: E402  (the environment must stand before the libraries load)
from backends import BACKENDS, MAX_TOKENS  # noqa: E402


def count_tokens(model, texts):
    encoded = model.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)
    return sum(len(ids) for ids in encoded["input_ids"])


def measured(work):
    """Runs `work` and gives what it took; where it gives seconds itself, those."""
    cpu = time.process_time()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    spent = time.process_time() - cpu
    return {"seconds": result if isinstance(result, float) else seconds, "cpu": spent}, result


def encode(model, texts, batch, vectors):
    spent, rows = measured(
        lambda: model.encode(texts, batch_size=batch, normalize_embeddings=True, show_progress_bar=False)
    )
    if vectors:
        numpy.asarray(rows, dtype="<f4").tofile(vectors)
    return spent


def encode_each(model, texts):
    for text in texts:
        model.encode(text, show_progress_bar=False)


def ingest(model, texts, server):
    from prototype import ingest as ingest_as_prototype  # noqa: PLC0415  (only who fills a store loads the client)

    return ingest_as_prototype(model, texts, server)


def main():
    threads, backend, graph = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    load, names = BACKENDS[backend]
    model = load(threads, graph)
    versions = {name: importlib.metadata.version(name) for name in names}
    answer({"versions": {**versions, **getattr(model, "in_use", {})}})
    texts = []
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "load":
            with open(request["texts"], encoding="utf-8") as file:
                texts = json.load(file)
            answer({"tokens": count_tokens(model, texts)})
        elif request["op"] == "encode":
            answer(encode(model, texts, request["batch"], request["vectors"]))
        elif request["op"] == "encode_each":
            answer(measured(lambda: encode_each(model, texts[: request["limit"]]))[0])
        elif request["op"] == "ingest":
            answer(measured(lambda: ingest(model, texts[: request["limit"]], request["server"]))[0])
        else:
            raise SystemExit(f"unknown request {request['op']}")


def answer(value):
    print(json.dumps(value), flush=True)


main()
