"""The operators that an ONNX file may contain: those that a digit classifier needs."""

ARITHMETIC = {"Add", "Clip", "Div", "Gemm", "MatMul", "Mul", "Neg", "Sqrt", "Sub"}
ACTIVATIONS = {
    "Elu",
    "Gelu",
    "HardSigmoid",
    "LeakyRelu",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softplus",
    "Tanh",
}
ACTIVATIONS |= {"Celu", "HardSwish", "Mish", "PRelu", "Softsign", "ThresholdedRelu"}
ACTIVATIONS |= {"Abs", "Cos", "Erf", "Exp", "Log", "Max", "Min", "Pow", "Reciprocal", "Sign", "Sin"}
WINDOWED = {"AveragePool", "Conv", "MaxPool"}
SHAPING = {"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
ENDS = {"ArgMax", "Gather", "LogSoftmax", "Softmax"}
OTHERS = {"BatchNormalization", "Constant", "Dropout", "GlobalAveragePool"}
OTHERS |= {"IsNaN", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Where"}
INT8 = {"DequantizeLinear", "QuantizeLinear"}
OPERATORS = ARITHMETIC | ACTIVATIONS | WINDOWED | SHAPING | ENDS | OTHERS | INT8
