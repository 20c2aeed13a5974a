"""Export of models: ONNX, verified by several runtimes, and safetensors."""
