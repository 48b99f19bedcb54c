"""A notebook of the usual kind: one workbook, one shuffled half, five models, a few plots."""

from pathlib import Path

CELLS = [
    """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVR
""",
    """
data = pd.read_excel({workbook!r}, engine="openpyxl")
data.head()
""",
    """
missing = data.isnull().sum()
missing.plot.bar(title="Missing values")
plt.show()
""",
    """
data = data.drop(columns=["IMC", "weight", "height"])
data[:] = SimpleImputer(strategy="most_frequent").fit_transform(data)
data.isnull().sum()
""",
    """
data = data.sample(frac=1, random_state=0)
X = data[["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]].to_numpy(float)
y = data["state"].to_numpy(float)
half = len(X) // 2
X_train, X_test, y_train, y_test = X[:half], X[half:], y[:half], y[half:]

def show(name, predicted):
    plt.plot(y_test[:100], "o", label="true")
    plt.plot(predicted[:100], ".", label=name)
    plt.legend()
    plt.show()
    return mean_squared_error(y_test, predicted)
""",
    """
ones = lambda A: np.column_stack([np.ones(len(A)), A])
theta, *_ = np.linalg.lstsq(ones(X_train), y_train, rcond=None)
show("lstsq", ones(X_test) @ theta)
""",
    """
show("linear regression", LinearRegression().fit(X_train, y_train).predict(X_test))
""",
    """
show("kNN", KNeighborsClassifier(n_neighbors=5).fit(X_train, y_train.astype(int)).predict(X_test))
""",
    """
show("SVR", SVR().fit(X_train, y_train).predict(X_test))
""",
    """
weights = tf.Variable(tf.zeros([6, 1]))
inputs, targets = tf.constant(ones(X_train), tf.float32), tf.constant(y_train[:, None], tf.float32)
optimizer = tf.keras.optimizers.Adam(0.01)
losses = []
for _ in range(1000):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((inputs @ weights - targets) ** 2)
    optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
    losses.append(float(loss))
plt.plot(losses)
plt.show()
show("gradient descent", ones(X_test) @ weights.numpy()[:, 0])
""",
]


def write_notebook(path: Path, workbook: str) -> None:
    """Write the notebook."""
    import nbformat

    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python",
        "language": "python",
    }
    cells = [cell.strip().replace("{workbook!r}", repr(workbook)) for cell in CELLS]
    book.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(book, path)
