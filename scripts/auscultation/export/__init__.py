"""What others can use: spreadsheets, ONNX, model cards, predictions for new patients, run diffs."""
