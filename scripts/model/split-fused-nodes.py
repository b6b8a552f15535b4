"""Splits the fused normalisation and activation nodes of a BERT graph into the plain ones they stand for.

    python -m venv .venv && .venv/bin/pip install onnx==1.23.2
    .venv/bin/python scripts/model/split-fused-nodes.py quantised.onnx model_int8.onnx

onnxruntime's kernel of SkipLayerNormalization takes four times as long as an Add and a LayerNormalization do (1.30, x86-64 with
AVX-512: 0.35 against 0.06 ms for 176 tokens of 384), and a bias that stands by itself is added by the int8 product before it
at no cost. The weights stay as they are, to the bit; see docs/performance.md for what it gains.
"""

import sys

import onnx
from onnx import NodeProto, helper


def split_normalisation(node: NodeProto) -> list[NodeProto]:
    """LayerNormalization(input + bias + skip)."""
    values, skip, gamma, beta, *bias = node.input
    if any(node.output[1:]):
        raise SystemExit(f"{node.name} gives more than its normalised sum; this script would lose that.")
    epsilon = next(attribute.f for attribute in node.attribute if attribute.name == "epsilon")
    nodes = []
    if bias:
        nodes.append(helper.make_node("Add", [values, bias[0]], [f"{node.name}/biased"], name=f"{node.name}/bias"))
        values = f"{node.name}/biased"
    total = f"{node.name}/sum"
    nodes.append(helper.make_node("Add", [values, skip], [total], name=f"{node.name}/skip"))
    nodes.append(
        helper.make_node(
            "LayerNormalization", [total, gamma, beta], [node.output[0]], name=f"{node.name}/norm", axis=-1, epsilon=epsilon
        )
    )
    return nodes


def split_activation(node: NodeProto) -> list[NodeProto]:
    """Gelu(input + bias)."""
    biased = f"{node.name}/biased"
    return [
        helper.make_node("Add", list(node.input), [biased], name=f"{node.name}/bias"),
        helper.make_node("Gelu", [biased], list(node.output), name=f"{node.name}/gelu", domain="com.microsoft"),
    ]


splits = {"SkipLayerNormalization": split_normalisation, "BiasGelu": split_activation}


def main(source: str, target: str) -> None:
    model = onnx.load(source)
    nodes = [part for node in model.graph.node for part in splits.get(node.op_type, lambda same: [same])(node)]
    print(f"{len(model.graph.node)} nodes became {len(nodes)}")
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, target)


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        raise SystemExit(0)
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2])
