"""The shipped models: weights, ONNX files, cards and results of the built-in entries."""
