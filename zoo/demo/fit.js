// Fitting: a drawing in the form of a network's images, with the arithmetic of fit.py.

// The pixels of the form, and a description of the steps. `on_black` says whether the network learned
// from light images on black, and so which grey is the ink. Returns null if nothing is drawn.
function inForm(levels, { fit, shape, highest, on_black: onBlack }) {
  if (fit === "ink") return normalize(levels, SIDE, shape);
  if (!levels.some(Boolean)) return null;
  const greys = Float32Array.from(levels, (level) => float((onBlack ? level : 255 - level) / 255));
  const grey = grid(...PAPER, greys), steps = [];
  let [rows, columns] = shape;
  if (fit === "pad") {
    const scale = Math.min(rows / grey.rows, columns / grey.columns);
    [rows, columns] = PAPER.map((length) => Math.max(rounded(length * scale), 1));
  }
  let to = resized(grey, rows, columns);
  if (to !== grey) steps.push(`scaled from ${PAPER.join(" x ")} to ${rows} x ${columns}`);
  if (rows !== shape[0] || columns !== shape[1]) {
    steps.push("padded with the grey of its border");
    to = centred(to, shape, borderGrey(grey));
  }
  return {
    pixels: Uint8Array.from(to.values, (value) => rounded(float(value * highest))),
    description: steps.join("; "),
  };
}

// The grid in the middle of a larger one of one value.
function centred(from, [rows, columns], value) {
  const to = grid(rows, columns);
  to.values.fill(value);
  const top = (rows - from.rows) >> 1, left = (columns - from.columns) >> 1;
  for (let row = 0; row < from.rows; row++) {
    const line = from.values.subarray(row * from.columns, (row + 1) * from.columns);
    to.values.set(line, (top + row) * columns + left);
  }
  return to;
}

function borderGrey({ rows, columns, values }) {
  const border = [];
  for (let column = 0; column < columns; column++) {
    border.push(values[column], values[(rows - 1) * columns + column]);
  }
  for (let row = 0; row < rows; row++) {
    border.push(values[row * columns], values[(row + 1) * columns - 1]);
  }
  return median(sortedValues(border));
}
