"""Giving a model away: as ONNX, checked against several runtimes, or as bare weights."""
