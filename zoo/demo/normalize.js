// Normalization of a drawing, with the arithmetic of `zoo predict --preprocess auto`.
//
// segmentation.py, components.py, strokes.py and normalize.py in zoo/data/images explain each step.
// This and the scripts before it are the part of them that applies to a drawing, whose paper is white
// up to the edge and whose ink is dark. Python computes in float32; before a threshold, so do these,
// with Math.fround. The names in capitals are the constants of zoo/data/images/constants.py, which
// page.py embeds.

// The pixels as `zoo predict` computes them, and a description of the steps. Returns null if the
// drawing is empty.
function normalize(levels, side, shape) {
  const ink = findInk(levels, side);
  if (!ink) return null;
  const steps = ["dark on light"];
  if (ink.rows !== side || ink.columns !== side) {
    steps.push(`cropped to ${ink.columns} x ${ink.rows} of ${side} x ${side}`);
  }
  const pixels = shape[0] === MNIST[0] ? asMnist(ink, steps) : asDigits(ink, steps);
  return { pixels, description: steps.join("; ") };
}

function asMnist(strength, steps) {
  let size = (BOX * FINE) / Math.max(strength.rows, strength.columns);
  const width = strokeWidth(strokeMask(strength, size, size)) / FINE;
  if (!(STROKE_WIDTH_RANGE[0] <= width && width <= STROKE_WIDTH_RANGE[1])) {
    size *= (BOX - TARGET_STROKE_WIDTH) / (BOX - Math.min(width, MAX_STROKE_SHARE * BOX));
    strength = cropped(redrawn(strokeMask(strength, size, size), TARGET_STROKE_WIDTH * FINE));
    const change = width < TARGET_STROKE_WIDTH ? "thickened" : "thinned";
    steps.push(`stroke ${change} ${width.toFixed(1)} -> ${TARGET_STROKE_WIDTH} pixels`);
  }
  steps.push("centred");
  const scale = BOX / Math.max(strength.rows, strength.columns);
  const rows = Math.max(rounded(strength.rows * scale), 1);
  const columns = Math.max(rounded(strength.columns * scale), 1);
  return centreMass(resized(strength, rows, columns));
}

function centreMass(small) {
  const { rows, columns } = small, acrosses = [], downs = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    const line = small.values.subarray(row * columns, (row + 1) * columns);
    acrosses.push(floatSum(line));
    line.forEach((value, column) => {
      downs[column] += value;
    });
  }
  const [down, right] = [acrosses, downs].map((sums) => {
    const moment = sums.reduce((all, sum, index) => all + sum * index, 0);
    return rounded(MIDDLE - moment / floatSum(sums));
  });
  const [tall, wide] = MNIST, pixels = new Uint8Array(tall * wide);
  small.values.forEach((value, index) => {
    const row = Math.trunc(index / small.columns) + down;
    const column = (index % small.columns) + right;
    if (row >= 0 && row < tall && column >= 0 && column < wide) {
      pixels[row * wide + column] = rounded(float(value * 255));
    }
  });
  return pixels;
}

function asDigits(strength, steps) {
  strength = upright(strength);
  const down = (BITMAP_HEIGHT * FINE_BIT) / strength.rows;
  let right = Math.min((BITMAP_WIDTH * FINE_BIT) / strength.columns, MAX_STRETCH * down);
  const bitmap = strokeMask(strength, down, right);
  const filled = total(bitmap.values) / FINE_BIT ** 2;
  if (Math.abs(filled - MEAN_SET_PIXELS) > SET_PIXELS_TOLERANCE) {
    const width = strokeWidth(bitmap) / FINE_BIT;
    const [thinnest, thickest] = BITMAP_STROKE_RANGE, [narrowest, widest] = GROWTH_RANGE;
    let length = filled / width, best, redrawnStrokes;
    for (let turn = 0; turn < REDRAWINGS; turn++) {
      best = between(thinnest, MEAN_SET_PIXELS / length, thickest);
      const oldWidth = Math.min(width, MAX_BITMAP_STROKE_SHARE * BITMAP_HEIGHT);
      const taller = (BITMAP_HEIGHT - best) / (BITMAP_HEIGHT - oldWidth);
      const across = (strength.columns * right) / FINE_BIT;
      const wider = between(narrowest, (BITMAP_WIDTH - best) / Math.max(across - width, 1), widest);
      redrawnStrokes = redrawn(strokeMask(strength, down * taller, right * wider), best * FINE_BIT);
      const excess = total(redrawnStrokes.values) / FINE_BIT ** 2 / MEAN_SET_PIXELS - 1;
      length *= 1 + LENGTH_CORRECTION * excess;
    }
    strength = cropped(redrawnStrokes);
    const change = filled < MEAN_SET_PIXELS ? "thickened" : "thinned";
    const widths = `${width.toFixed(1)} -> ${best.toFixed(1)}`;
    steps.push(`stroke ${change} ${widths} of ${BITMAP_HEIGHT} pixels`);
    right = Math.min((BITMAP_WIDTH * FINE_BIT) / strength.columns, MAX_STRETCH);
  }
  steps.push("set upright", "counted in blocks");
  const across = between(1, rounded((strength.columns * right) / FINE_BIT), BITMAP_WIDTH);
  const left = (BITMAP_HEIGHT - across) >> 1, [tall, wide] = DIGITS, block = BITMAP_HEIGHT / tall;
  const counts = new Float32Array(tall * wide);
  resized(strength, BITMAP_HEIGHT, across).values.forEach((value, index) => {
    const row = Math.trunc(Math.trunc(index / across) / block);
    const column = Math.trunc((left + (index % across)) / block);
    counts[row * wide + column] += value;
  });
  return Uint8Array.from(counts, rounded);
}

// The ink sheared so that its lowest and highest rows begin in the same column.
function upright(strength) {
  const { rows, columns, values } = strength;
  const band = Math.max(Math.trunc(rows / SLANT_BANDS), 1);
  const begin = (top) => {
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < top + band; row++) {
        if (values[row * columns + column] > HALF) return column;
      }
    }
    return 0;
  };
  const slope = between(
    -MAX_SLANT, (begin(rows - band) - begin(0)) / Math.max(rows - band, 1), MAX_SLANT,
  );
  const start = -Math.max(slope, 0) * rows;
  const sheared = grid(rows, columns + Math.ceil(Math.abs(slope) * rows));
  for (let row = 0; row < rows; row++) {
    const line = values.subarray(row * columns, (row + 1) * columns);
    for (let column = 0; column < sheared.columns; column++) {
      const from = column + 0.5 + slope * (row + 0.5) + start;
      if (from < 0 || from >= columns) continue;
      const left = Math.floor(from - 0.5), part = from - 0.5 - left;
      const one = line[Math.max(left, 0)], other = line[Math.min(left + 1, columns - 1)];
      sheared.values[row * sheared.columns + column] = one + (other - one) * part;
    }
  }
  return cropped(sheared);
}
