// Networks: decoding of their weights, and predictions. weights.py encodes them.

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// The steps of a network with decoded weights: 16-bit integers times the scale of their unit. The
// page is little-endian, as are all machines that run browsers.
function decodeSteps(steps) {
  const floats = (base64) => new Float32Array(bytesOf(base64).buffer);
  return steps.map((step) => {
    if (step.kind === "product") {
      const quantized = new Int16Array(bytesOf(step.weights).buffer), scales = floats(step.scales);
      const scaleOf = (index) => scales[Math.trunc(index / step.inputs)];
      const weights = Float32Array.from(quantized, (value, index) => value * scaleOf(index));
      return { ...step, weights, biases: floats(step.biases) };
    }
    if (step.kind === "stretch") {
      return { ...step, factor: floats(step.factor), addend: floats(step.addend) };
    }
    if (step.kind === "standardize") {
      return { ...step, mean: floats(step.mean), factor: floats(step.factor) };
    }
    return step;
  });
}

const ACTIVATIONS = {
  relu: () => (z) => Math.max(z, 0),
  leaky_relu: ({ leak }) => (z) => Math.max(z, leak * z),
  sigmoid: () => (z) => (1 + Math.tanh(z / 2)) / 2,
  tanh: () => Math.tanh,
};

function applyStep(step, x) {
  if (step.kind === "product") {
    return Float64Array.from(step.biases, (bias, unit) => {
      let sum = bias, index = unit * step.inputs;
      for (let input = 0; input < step.inputs; input++) sum += step.weights[index++] * x[input];
      return sum;
    });
  }
  if (step.kind === "stretch") return x.map((value, i) => value * step.factor[i] + step.addend[i]);
  if (step.kind === "standardize") return x.map((value, i) => (value - step.mean[i]) * step.factor[i]);
  return x.map(ACTIVATIONS[step.kind](step));
}

function softmax(logits) {
  const highest = greatest(logits), exponentials = logits.map((z) => Math.exp(z - highest));
  const sum = total(exponentials);
  return exponentials.map((value) => value / sum);
}

// The prediction for an image: the values of the hidden layers, the probabilities and the label.
function predict(steps, divide, pixels) {
  let x = Float64Array.from(pixels, (pixel) => pixel / divide);
  const hidden = [];
  let denseCount = 0;
  for (const step of steps) {
    if (step.kind === "product" && denseCount++) hidden.push(x);
    x = applyStep(step, x);
  }
  const probabilities = softmax(x);
  return { hidden, probabilities, label: probabilities.indexOf(greatest(probabilities)) };
}

// The dense steps: the output of the first is the first hidden layer, that of the last the logits.
function denseSteps(steps) {
  return steps.filter((step) => step.kind === "product");
}

// The weights from the previous layer to a unit of a hidden layer.
function weightsInto(steps, layer, unit) {
  const { weights, inputs } = denseSteps(steps)[layer];
  return weights.subarray(unit * inputs, (unit + 1) * inputs);
}

// The weights from a unit of a hidden layer to each unit of the next one.
function weightsOutOf(steps, layer, unit) {
  const { weights, inputs, units } = denseSteps(steps)[layer + 1];
  return Float32Array.from({ length: units }, (_, next) => weights[next * inputs + unit]);
}
