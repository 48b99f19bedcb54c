"""Fitted models as nodes of an ONNX graph, and whether these predict what the models predict.

skl2onnx converts what it converts exactly. It gives up on HistGradientBoosting of the pinned
versions, computes SVR in float32, and knows no Nystroem: these are written here in float64.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import GraphProto, TensorProto, compose, numpy_helper
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR

from auscultation.export.onnx_graph import OPSETS, Graph, NotExported, Said
from auscultation.fits.models import (
    ConstantModel,
    GroupModel,
    LinearModel,
    MultiLayerPerceptron,
    RandomModel,
)

ADDRESS = re.compile(r"\d{9,}")


def by_constant(graph: Graph, model: ConstantModel, X: str) -> Said:
    """A number, and shares, for as many rows as there are."""
    rows = graph.add("Shape", X, start=0, end=1)
    number = graph.add("Expand", [model.value], rows)
    if model.shares is None:
        return Said(number=number)
    shape = graph.add("Concat", rows, [len(model.shares)], axis=0)
    shares = graph.add("Expand", np.asarray(model.shares)[None, :], shape)
    label = graph.add("Cast", number, to=TensorProto.INT64)
    return Said(label=label, shares=shares, classes=tuple(model.classes_.tolist()))


def by_group(graph: Graph, model: GroupModel, X: str) -> Said:
    """The shares of the group whose features are equal to a row's; the last where none are."""
    rows = graph.add("Unsqueeze", X, [1])
    equal = graph.add("Equal", rows, model.groups[None, :, :])
    numbers = graph.add("Cast", equal, to=TensorProto.DOUBLE)
    whole = graph.add("ReduceMin", numbers, [2], keepdims=0)
    beside = [0, 0, 0, 1], 0.5
    best = graph.add("ArgMax", graph.add("Pad", whole, *beside), axis=1, keepdims=0)
    shares = graph.add("Gather", model.shares, best)
    classes = tuple(model.classes_.tolist())
    return Said(label=graph.choose(shares, classes), shares=shares, classes=classes)


def by_theta(graph: Graph, model: LinearModel, X: str) -> Said:
    """An intercept and coefficients."""
    return Said(number=graph.flat(graph.gemm(X, model.theta[1:, None], model.theta[:1])))


def by_shares(graph: Graph, scores: str, classes: np.ndarray) -> Said:
    """Return the most probable class by the softmax of scores; of one, which speaks for the second, sigmoid."""
    if len(classes) == 2:
        second = graph.add("Sigmoid", scores)
        shares = graph.add("Concat", graph.add("Sub", 1.0, second), second, axis=1)
    else:
        shares = graph.add("Softmax", scores, axis=1)
    named = tuple(np.asarray(classes).tolist())
    return Said(label=graph.choose(shares, named), shares=shares, classes=named)


def by_discriminant(graph: Graph, model: LinearDiscriminantAnalysis, X: str) -> Said:
    """A score of each class; skl2onnx has other probabilities where there are two."""
    return by_shares(graph, graph.gemm(X, model.coef_.T, model.intercept_), model.classes_)


def by_layers(graph: Graph, model: MultiLayerPerceptron, X: str) -> Said:
    """Layers of weights and biases: ReLU between them, softmax at the end."""
    scores = X
    for number, (weights, bias) in enumerate(zip(model.weights, model.biases, strict=True)):
        scores = graph.gemm(graph.add("Relu", scores) if number else scores, weights, bias)
    shares = graph.add("Softmax", scores, axis=1)
    classes = tuple(model.classes_.tolist())
    return Said(label=graph.choose(shares, classes), shares=shares, classes=classes)


def refuse_random(graph: Graph, model: RandomModel, X: str) -> Said:
    """Draws that NumPy's generator makes are no function of the features."""
    raise NotExported("it draws classes at random and looks at no feature")


def by_library(graph: Graph, model: Any, X: str) -> Said:
    """What skl2onnx makes of an estimator, put behind X."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType
    # the trees look at float32 themselves
    if isinstance(model, ExtraTreesClassifier | RandomForestClassifier):
        X, kind = graph.add("Cast", X, to=TensorProto.FLOAT), FloatTensorType
    plain = {id(model): {"zipmap": False}} if hasattr(model, "classes_") else None
    types = [("X", kind([None, model.n_features_in_]))]
    try:
        made = to_onnx(model, initial_types=types, options=plain, target_opset=OPSETS)
    except (RuntimeError, ValueError, TypeError, AttributeError) as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise NotExported(f"skl2onnx cannot convert it: {said}") from error
    inner = compose.add_prefix(made, "skl2onnx_").graph
    number_names(inner, {})
    (given,) = inner.input
    bridge = graph.add("Identity", X)
    graph.nodes[-1].output[0] = given.name
    graph.nodes[-1].name = bridge
    graph.nodes.extend(inner.node)
    graph.constants.extend(inner.initializer)
    first, *others = (output.name for output in inner.output)
    if not hasattr(model, "classes_"):
        return Said(number=graph.flat(first))
    classes = tuple(np.asarray(model.classes_).tolist())
    # of an SVC without probabilities, what it calls so are its decisions
    shares = others[0] if hasattr(model, "predict_proba") else None
    return Said(label=first, shares=shares, classes=classes)


def number_names(graph: GraphProto, seen: dict[str, str]) -> None:
    """Number what skl2onnx names by an address in memory: the same model has the same bytes."""

    def named(name: str) -> str:
        return ADDRESS.sub(lambda found: seen.setdefault(found[0], str(len(seen))), name)

    for node in graph.node:
        node.name = named(node.name)
        node.input[:] = [named(name) for name in node.input]
        node.output[:] = [named(name) for name in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                number_names(attribute.g, seen)
    for one in (*graph.initializer, *graph.input, *graph.output, *graph.value_info):
        one.name = named(one.name)


def kernel_nodes(
    graph: Graph, X: str, vectors: np.ndarray, kind: str, gamma: float, coef0: float, degree: float
) -> str:
    """Add the kernel of the rows of X with some vectors, shape (n, vectors).

    The formulas are those of scikit-learn's `pairwise_kernels`.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    dot = graph.add("MatMul", X, vectors.T)
    if kind == "linear":
        return dot
    if kind == "rbf":
        own = graph.add("ReduceSum", graph.add("Mul", X, X), [1], keepdims=1)
        twice = graph.add("Mul", dot, -2.0)
        apart = graph.add("Add", graph.add("Add", own, twice), (vectors**2).sum(1))
        apart = graph.add("Max", apart, 0.0)
        return graph.add("Exp", graph.add("Mul", apart, -float(gamma)))
    inside = graph.add("Mul", dot, float(gamma))
    inside = graph.add("Add", inside, float(coef0))
    if kind in ("poly", "polynomial"):
        return graph.add("Pow", inside, float(degree))
    if kind == "sigmoid":
        return graph.add("Tanh", inside)
    raise NotExported(f"its kernel, `{kind}`, has no simple form in ONNX")


def by_vectors(graph: Graph, model: SVR, X: str) -> Said:
    """Support vector regression in float64; the library's operator sums in float32."""
    K = kernel_nodes(
        graph, X, model.support_vectors_, model.kernel, model._gamma, model.coef0, model.degree
    )
    return Said(number=graph.flat(graph.gemm(K, model.dual_coef_.T, model.intercept_)))


def by_pipeline(graph: Graph, model: Pipeline, X: str) -> Said:
    """Nystroem features, then a linear machine."""
    (_, features), (_, machine) = model.steps
    kept = features.components_
    # what `pairwise_kernels` takes where nothing is given
    gamma = 1 / kept.shape[1] if features.gamma is None else features.gamma
    coef0 = 1 if features.coef0 is None else features.coef0
    degree = 3 if features.degree is None else features.degree
    K = kernel_nodes(graph, X, kept, features.kernel, gamma, coef0, degree)
    mapped = graph.add("MatMul", K, features.normalization_.T.astype(np.float64))
    if not hasattr(machine, "classes_"):
        machine_number = graph.gemm(mapped, machine.coef_[:, None], machine.intercept_)
        return Said(number=graph.flat(machine_number))
    scores = graph.gemm(mapped, machine.coef_.T, machine.intercept_)
    if len(machine.classes_) == 2:  # one score, which speaks for the second
        zero = graph.add("Mul", scores, 0.0)
        scores = graph.add("Concat", zero, scores, axis=1)
    return Said(label=graph.choose(scores, machine.classes_))


def by_boosted_trees(graph: Graph, model: HistGradientBoostingClassifier, X: str) -> Said:
    """Trees whose thresholds are float64, as the estimator has them."""
    rounds = [tree.nodes for trees in model._predictors for tree in trees]
    per_round = model.n_trees_per_iteration_
    nodes = np.concatenate(rounds)
    tree = np.repeat(np.arange(len(rounds)), [len(one) for one in rounds])
    place = np.concatenate([np.arange(len(one)) for one in rounds])
    leaf = nodes["is_leaf"].astype(bool)
    inner = {"left": "nodes_truenodeids", "right": "nodes_falsenodeids"}
    inner["feature_idx"] = "nodes_featureids"
    inner["missing_go_to_left"] = "nodes_missing_value_tracks_true"
    ints = {name: np.where(leaf, 0, nodes[key].astype(np.int64)) for key, name in inner.items()}
    ints |= {"nodes_treeids": tree, "nodes_nodeids": place}
    ints |= {"target_treeids": tree[leaf], "target_nodeids": place[leaf]}
    ints |= {"target_ids": tree[leaf] % per_round}
    thresholds = np.where(leaf, 0.0, nodes["num_threshold"])
    raw = graph.add(
        "TreeEnsembleRegressor",
        X,
        domain="ai.onnx.ml",
        n_targets=per_round,
        nodes_modes=["LEAF" if end else "BRANCH_LEQ" for end in leaf.tolist()],
        nodes_values_as_tensor=numpy_helper.from_array(thresholds, "thresholds"),
        target_weights_as_tensor=numpy_helper.from_array(nodes["value"][leaf].copy(), "leaves"),
        **{name: values.tolist() for name, values in ints.items()},
    )
    start = np.asarray(model._baseline_prediction, dtype=np.float64).reshape(1, -1)
    raw = graph.add("Add", graph.add("Cast", raw, to=TensorProto.DOUBLE), start)
    return by_shares(graph, raw, model.classes_)


BODIES: dict[type, Callable[[Graph, Any, str], Said]] = {
    ConstantModel: by_constant,
    GroupModel: by_group,
    LinearModel: by_theta,
    RandomModel: refuse_random,
    MultiLayerPerceptron: by_layers,
    LinearDiscriminantAnalysis: by_discriminant,
    LinearRegression: by_library,
    LogisticRegression: by_library,
    KNeighborsClassifier: by_library,
    SVC: by_library,
    ExtraTreesClassifier: by_library,
    RandomForestClassifier: by_library,
    SVR: by_vectors,
    Pipeline: by_pipeline,
    HistGradientBoostingClassifier: by_boosted_trees,
}


def add_model(graph: Graph, model: object, X: str) -> Said:
    """Add a fitted model behind the matrix X; NotExported where it has no form in ONNX."""
    if type(model) not in BODIES:
        raise NotExported(f"nothing here turns a {type(model).__name__} into ONNX")
    return BODIES[type(model)](graph, model, X)
