"""An ONNX graph in double precision: its nodes one after another, its scaling, what it gives out.

The input is `features`, float64, shape (n, columns). Out come `class` (int64, shape (n,)), of a model
that predicts a number also `number` (float64, (n,)), of one with probabilities also `probabilities`
(float64, (n, classes)).
"""

import json
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from auscultation.fits.preprocess import Preprocessor

INPUT = "features"
OPSETS = {"": 18, "ai.onnx.ml": 3}  # what onnxruntime 1.14 (2023) and later can run
IR_VERSION = 8
USE = "For research and teaching; not a medical device."


class NotExported(ValueError):
    """Why there is no ONNX file of a model."""


class Said(NamedTuple):
    """What a model's nodes give: names of tensors in the graph, and the classes of the columns."""

    number: str | None = None  # (n,)
    label: str | None = None  # (n,), class; of a number, the nearest
    shares: str | None = None  # (n, classes)
    classes: tuple[int, ...] = ()  # whose probabilities the columns of `shares` are


class Graph:
    """Nodes and constants; every name is given once, in the order of the calls."""

    def __init__(self):
        self.nodes: list = []
        self.constants: list = []

    def add(self, op: str, *inputs: str | ArrayLike, domain: str = "", **attributes) -> str:
        """Add a node with one output and return its name; inputs are names, or arrays to add."""
        names = [part if isinstance(part, str) else self.constant(part) for part in inputs]
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(op, names, [name], name=name, domain=domain, **attributes)
        )
        return name

    def constant(self, values) -> str:
        """Add an array (numbers with a point become float64); give its name."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def gemm(self, X: str, weights: np.ndarray, bias) -> str:
        """Add X @ weights + bias, weights of shape (columns, k)."""
        product = self.add("MatMul", X, np.asarray(weights, dtype=np.float64))
        return self.add("Add", product, np.asarray(bias, dtype=np.float64))

    def flat(self, name: str) -> str:
        """Return a tensor of shape (n, 1) as (n,)."""
        return self.add("Reshape", name, [-1])

    def choose(self, scores: str, classes) -> str:
        """Return the class with the highest score; scores of shape (n, classes)."""
        best = self.add("ArgMax", scores, axis=1, keepdims=0)
        return self.add("Gather", np.asarray(classes, dtype=np.int64), best)


def scaled(graph: Graph, step: Preprocessor) -> str:
    """Add the scaling of numbers and return the matrix's name; NotExported for `quantile`."""
    numbers = [column.value is None and not column.indicator for column in step.columns]
    if step.scale == "none" or not any(numbers):
        return INPUT
    if step.scale == "quantile":
        raise NotExported("its scaling, `quantile`, has no simple form in ONNX")
    pairs = zip(step.columns, numbers, strict=True)
    known = [step.fitted[column.feature] if number else None for column, number in pairs]
    if step.scale == "standard":
        means, spreads = zip(*((0.0, 1.0) if k is None else k for k in known), strict=True)
        centred = graph.add("Sub", INPUT, np.array(means, dtype=np.float64))
        return graph.add("Div", centred, np.array(spreads, dtype=np.float64))
    middles = [1.0 if k is None else float(k[0]) for k in known]
    share = graph.add("Div", graph.add("Abs", INPUT), middles)
    logs = graph.add("Log", graph.add("Add", share, 1.0))
    both = graph.add("Mul", graph.add("Sign", INPUT), logs)
    return graph.add("Where", [k is not None for k in known], both, INPUT)


def finished(graph: Graph, said: Said, n_columns: int, n_classes: int, about: dict) -> ModelProto:
    """Return the ONNX model: outputs named, metadata in it, checked.

    The metadata is `about`: texts as they are, the rest as JSON.
    """
    named: dict[str, tuple[str, int, list[str | int]]] = {}
    label = said.label
    if label is None and said.number is not None:
        # the nearest class, halves to the even one, as `auscultation.metrics.classes.to_class`
        label = graph.add("Clip", graph.add("Round", said.number), 0.0, n_classes - 1.0)
    if label is not None:
        named["class"] = (label, TensorProto.INT64, ["n"])
    if said.number is not None:
        named["number"] = (said.number, TensorProto.DOUBLE, ["n"])
    if said.shares is not None:
        named["probabilities"] = (said.shares, TensorProto.DOUBLE, ["n", len(said.classes)])
    outputs = []
    for name, (inner, kind, shape) in named.items():
        graph.nodes.append(helper.make_node("Cast", [inner], [name], name=name, to=kind))
        outputs.append(helper.make_tensor_value_info(name, kind, shape))
    features = helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, ["n", n_columns])
    made = helper.make_model(
        helper.make_graph(graph.nodes, "model", [features], outputs, graph.constants),
        opset_imports=[helper.make_opsetid(*item) for item in OPSETS.items()],
        ir_version=IR_VERSION,
        producer_name="auscultation-models",
        doc_string=USE,
    )
    texts = {
        k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in about.items()
    }
    helper.set_model_props(made, {"use": USE} | texts)
    checker.check_model(made)
    return made
