// Networks: their numbers out of the page, and what they answer. The Python beside it: network.py.

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// The steps of a network with their weights as numbers: whole ones of 16 bits times their unit's
// scale. A browser's machine is little-endian, as the page is.
function unpackedSteps(steps) {
  const floats = (base64) => new Float32Array(bytesOf(base64).buffer);
  return steps.map((step) => {
    if (step.kind === "product") {
      const whole = new Int16Array(bytesOf(step.weights).buffer), scales = floats(step.scales);
      const scaleOf = (place) => scales[Math.trunc(place / step.inputs)];
      const weights = Float32Array.from(whole, (number, place) => number * scaleOf(place));
      return { ...step, weights, biases: floats(step.biases) };
    }
    if (step.kind === "stretch") {
      return { ...step, factor: floats(step.factor), addend: floats(step.addend) };
    }
    return step;
  });
}

const BENDS = {
  relu: () => (z) => Math.max(z, 0),
  leaky_relu: ({ leak }) => (z) => Math.max(z, leak * z),
  sigmoid: () => (z) => (1 + Math.tanh(z / 2)) / 2,
  tanh: () => Math.tanh,
};

function stepped(step, x) {
  if (step.kind === "product") {
    return Float64Array.from(step.biases, (bias, unit) => {
      let sum = bias, place = unit * step.inputs;
      for (let input = 0; input < step.inputs; input++) sum += step.weights[place++] * x[input];
      return sum;
    });
  }
  if (step.kind === "stretch") return x.map((value, i) => value * step.factor[i] + step.addend[i]);
  return x.map(BENDS[step.kind](step));
}

function softmax(logits) {
  const most = greatest(logits), powers = logits.map((z) => Math.exp(z - most));
  const all = total(powers);
  return powers.map((power) => power / all);
}

// What the network makes of pixels: the values of its hidden layers, and the probabilities.
function answered(steps, divide, pixels) {
  let x = Float64Array.from(pixels, (pixel) => pixel / divide);
  const hidden = [];
  let products = 0;
  for (const step of steps) {
    if (step.kind === "product" && products++) hidden.push(x);
    x = stepped(step, x);
  }
  const probabilities = softmax(x);
  return { hidden, probabilities, label: probabilities.indexOf(greatest(probabilities)) };
}

// The products of a network: the first gives the first hidden layer, the last the answer.
function productsOf(steps) {
  return steps.filter((step) => step.kind === "product");
}

// What a unit of a hidden layer takes in from the layer below.
function weightsInto(steps, layer, unit) {
  const { weights, inputs } = productsOf(steps)[layer];
  return weights.subarray(unit * inputs, (unit + 1) * inputs);
}

// What a unit of a hidden layer gives to each unit above it.
function weightsOutOf(steps, layer, unit) {
  const { weights, inputs, units } = productsOf(steps)[layer + 1];
  return Float32Array.from({ length: units }, (_, above) => weights[above * inputs + unit]);
}
