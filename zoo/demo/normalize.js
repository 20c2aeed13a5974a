// Normalization of a drawing, with the arithmetic of `zoo predict --preprocess auto`.
//
// segmentation.py, components.py, strokes.py and normalize.py in zoo/data/images explain each step.
// This is the part of them that applies to a drawing, whose paper is white up to the edge and whose
// ink is dark. Python computes in float32; before a threshold, so does this, with Math.fround. The
// names in capitals are the constants of zoo/data/images/constants.py, which page.py embeds.

const float = Math.fround;

// ---- grids: images of numbers, row by row ------------------------------------------------

function grid(rows, columns, values = new Float32Array(rows * columns)) {
  return { rows, columns, values };
}

function padded(from, margin) {
  const to = grid(from.rows + 2 * margin, from.columns + 2 * margin);
  for (let row = 0; row < from.rows; row++) {
    const line = from.values.subarray(row * from.columns, (row + 1) * from.columns);
    to.values.set(line, (row + margin) * to.columns + margin);
  }
  return to;
}

function transposed(from) {
  const to = grid(from.columns, from.rows);
  for (let row = 0; row < from.rows; row++) {
    for (let column = 0; column < from.columns; column++) {
      to.values[column * to.columns + row] = from.values[row * from.columns + column];
    }
  }
  return to;
}

// The bounding box of the ink.
function cropped(from) {
  const threshold = float(BOX_THRESHOLD);
  let top = from.rows, bottom = 0, left = from.columns, right = 0;
  for (let row = 0; row < from.rows; row++) {
    for (let column = 0; column < from.columns; column++) {
      if (from.values[row * from.columns + column] > threshold) {
        top = Math.min(top, row);
        bottom = row + 1;
        left = Math.min(left, column);
        right = Math.max(right, column + 1);
      }
    }
  }
  const to = grid(bottom - top, right - left);
  for (let row = top; row < bottom; row++) {
    const start = row * from.columns;
    to.values.set(from.values.subarray(start + left, start + right), (row - top) * to.columns);
  }
  return to;
}

function greatest(values) {
  let highest = -Infinity;
  for (const value of values) highest = Math.max(highest, value);
  return highest;
}

function total(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

// The float32 sum in the order of np.sum, in eight lanes: the centre of mass of a straight line lies
// halfway between two pixels, and the last bit decides to which it is rounded.
function floatSum(values) {
  const whole = values.length - (values.length % 8), lanes = new Float32Array(8);
  for (let index = 0; index < whole; index++) lanes[index % 8] += values[index];
  const pair = (one) => float(lanes[one] + lanes[one + 1]);
  let sum = float(float(pair(0) + pair(2)) + float(pair(4) + pair(6)));
  for (let index = whole; index < values.length; index++) sum = float(sum + values[index]);
  return sum;
}

// Round halves to even, as Python does.
function rounded(number) {
  const low = Math.floor(number), rest = number - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

function between(low, number, high) {
  return Math.min(Math.max(number, low), high);
}

// Sorted values: `at` returns the one at an index.
function sortedValues(values) {
  const sorted = new Float32Array(values).sort();
  return { count: sorted.length, at: (index) => sorted[index] };
}

// Sorted values from their counts per level; the values rise from level to level.
function sortedByCount(counts, values) {
  return {
    count: total(counts),
    at: (index) => {
      let level = 0;
      for (let below = counts[0]; below <= index; below += counts[level]) level++;
      return values[level];
    },
  };
}

// np.percentile of float32, which rounds the position between two values last.
function percentile({ count, at }, percent) {
  const position = (count - 1) * (percent / 100), first = Math.trunc(position);
  const part = position - first;
  const low = at(first), high = at(Math.min(first + 1, count - 1)), gap = float(high - low);
  return part < 0.5
    ? float(low + float(gap * float(part)))
    : float(high - float(gap * float(1 - part)));
}

function median({ count, at }) {
  const middle = count >> 1;
  return count % 2 ? at(middle) : float(float(at(middle - 1) + at(middle)) / 2);
}

// ---- resizing, as in Pillow: Image.resize of float images -----------------------------

const FILTERS = {
  box: { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bicubic: {
    reach: 2,
    weight: (x) => {
      const a = -0.5;
      x = Math.abs(x);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
};

function resizeColumns(from, columns, filter) {
  const scale = from.columns / columns, spread = Math.max(scale, 1);
  const support = filter.reach * spread;
  const to = grid(from.rows, columns);
  for (let column = 0; column < columns; column++) {
    const centre = (column + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), from.columns);
    const weights = [];
    for (let x = first; x < end; x++) weights.push(filter.weight((x - centre + 0.5) / spread));
    const all = total(weights);
    for (let row = 0; row < from.rows; row++) {
      let sum = 0;
      for (let x = first; x < end; x++) {
        sum += from.values[row * from.columns + x] * (weights[x - first] / all);
      }
      to.values[row * columns + column] = sum;
    }
  }
  return to;
}

// Resize: box filter if smaller, bicubic if larger.
function resized(from, rows, columns) {
  if (from.rows === rows && from.columns === columns) return from;
  const filter = rows < from.rows ? FILTERS.box : FILTERS.bicubic;
  let to = columns === from.columns ? from : resizeColumns(from, columns, filter);
  if (rows !== from.rows) to = transposed(resizeColumns(transposed(to), rows, filter));
  return grid(rows, columns, to.values.map((value) => between(0, value, 1)));
}

// ---- segmentation -----------------------------------------------------------------------------

// The strength of the ink, cropped, or null if there is none. Levels go from 0 (paper) to 255 (ink).
// Everything about a pixel depends only on its level and on whether it belongs to the drawing.
function findInk(levels, side) {
  const strengths = strengthByLevel(levels, side);
  if (!strengths) return null;
  const drawn = drawingMask(levels, side, strengths);
  const counts = new Array(256).fill(0);
  for (let index = 0; index < levels.length; index++) {
    if (drawn[index] && strengths[levels[index]] > HALF) counts[levels[index]]++;
  }
  const full = percentile(sortedByCount(counts, strengths), FULL_STRENGTH);
  const shares = strengths.map((strength) => Math.min(float(strength / full), 1));
  const strength = grid(side, side);
  for (let index = 0; index < levels.length; index++) {
    if (drawn[index]) strength.values[index] = shares[levels[index]];
  }
  return cropped(strength);
}

// The strength of each level: 0 for that of the paper, 1 for that of the ink.
function strengthByLevel(levels, side) {
  const counts = new Array(256).fill(0);
  for (let index = 0; index < levels.length; index++) counts[levels[index]]++;
  const shades = new Float32Array(256); // the difference of each level from the paper
  for (let level = 0; level < 256; level++) shades[level] = 1 - float((255 - level) / 255);
  const top = shades[counts.findLastIndex((count) => count > 0)];
  if (top < float(MIN_CONTRAST)) return null;
  const perShade = float(OTSU_BINS / top);
  const bins = shades.map((shade) => Math.trunc(float(shade * perShade)));
  const threshold = otsuThreshold(counts, bins);
  const paper = sortedByCount(counts.map((n, level) => (bins[level] > threshold ? 0 : n)), shades);
  const inked = sortedByCount(counts.map((n, level) => (bins[level] > threshold ? n : 0)), shades);
  const low = paper.count ? median(paper) : 0, high = percentile(inked, FULL_STRENGTH);
  const noise = noiseOf(levels, side, shades, bins.map((bin) => bin > threshold));
  if (high - low < Math.max(MIN_CONTRAST, MIN_SIGNAL * noise)) return null;
  const range = float(high - low);
  return shades.map((shade) => between(0, float(float(shade - float(low)) / range), 1));
}

// Otsu's threshold between paper and ink.
function otsuThreshold(counts, bins) {
  const sizes = new Array(greatest(bins.filter((_, level) => counts[level])) + 1).fill(0);
  counts.forEach((count, level) => {
    if (count) sizes[bins[level]] += count;
  });
  const all = total(sizes), moment = total(sizes.map((size, bin) => size * bin));
  let below = 0, sum = 0, best = -1, threshold = 0;
  for (let bin = 0; bin < sizes.length - 1; bin++) {
    below += sizes[bin];
    sum += sizes[bin] * bin;
    const apart = sum / Math.max(below, 1) - (moment - sum) / (all - below);
    const spread = below * (all - below) * apart ** 2;
    if (spread > best) [best, threshold] = [spread, bin];
  }
  return threshold;
}

// The median difference of neighbours on the paper.
function noiseOf(levels, side, shades, isInk) {
  const gaps = [];
  let even = 0;
  for (let index = 1; index < levels.length; index++) {
    const one = levels[index - 1], other = levels[index];
    if (index % side === 0 || isInk[one] || isInk[other]) continue;
    if (one === other) even++;
    else gaps.push(Math.abs(float(shades[other] - shades[one])));
  }
  if (even > gaps.length || !gaps.length) return 0;
  return median(sortedValues([...new Array(even).fill(0), ...gaps])) / MEDIAN_DIFFERENCE;
}

// The mask of the drawing, dilated: its longest component, and all near it but specks.
function drawingMask(levels, side, strengths) {
  const cell = Math.ceil(side / FINE_GRID), cells = Math.ceil(side / cell);
  const labels = new Int32Array(cells * cells).fill(-1); // -1: paper
  for (let index = 0; index < levels.length; index++) {
    if (strengths[levels[index]] > HALF) {
      const row = Math.trunc(index / side / cell), column = Math.trunc((index % side) / cell);
      labels[row * cells + column] = 0;
    }
  }
  const selected = drawingComponents(findComponents(labels, cells));
  const drawn = new Uint8Array(side * side);
  labels.forEach((label, index) => {
    if (label < 0 || !selected.has(label)) return;
    const row = Math.trunc(index / cells), column = index % cells;
    const bottom = Math.min((row + 2) * cell, side), right = Math.min((column + 2) * cell, side);
    for (let down = Math.max((row - 1) * cell, 0); down < bottom; down++) {
      drawn.fill(1, down * side + Math.max((column - 1) * cell, 0), down * side + right);
    }
  });
  return drawn;
}

// Number the connected components from 1 on, in place; returns their bounding boxes and sizes.
function findComponents(labels, side) {
  const components = [];
  labels.forEach((label, start) => {
    if (label !== 0) return;
    const number = components.length + 1, waiting = [start];
    const part = { number, cells: 0, top: side, bottom: 0, left: side, right: 0 };
    labels[start] = number;
    while (waiting.length) {
      const index = waiting.pop(), row = Math.trunc(index / side), column = index % side;
      part.cells++;
      part.top = Math.min(part.top, row);
      part.bottom = Math.max(part.bottom, row + 1);
      part.left = Math.min(part.left, column);
      part.right = Math.max(part.right, column + 1);
      for (let down = Math.max(row - 1, 0); down <= Math.min(row + 1, side - 1); down++) {
        for (let over = Math.max(column - 1, 0); over <= Math.min(column + 1, side - 1); over++) {
          if (labels[down * side + over] === 0) {
            labels[down * side + over] = number;
            waiting.push(down * side + over);
          }
        }
      }
    }
    part.extent = Math.max(part.bottom - part.top, part.right - part.left);
    components.push(part);
  });
  return components;
}

function drawingComponents(components) {
  const main = components.reduce((one, other) => (other.extent > one.extent ? other : one));
  const gap = (part) =>
    Math.max(
      part.top - main.bottom, main.top - part.bottom,
      part.left - main.right, main.left - part.right, 0,
    );
  const near = (part) => gap(part) < NEAR * main.extent;
  const minimum = (part) => main.cells * (near(part) ? MIN_NEAR : MIN_FAR);
  const largeEnough = components.filter((part) => part.cells >= minimum(part));
  return new Set(largeEnough.map((part) => part.number));
}

// ---- strokes: measuring and redrawing of their width --------------------------

// The mask of the scaled ink; any ink sets its cell, so that hairlines survive.
function strokeMask(strength, down, right) {
  const rows = Math.max(rounded(strength.rows * down), 1);
  const columns = Math.max(rounded(strength.columns * right), 1);
  const mask = grid(rows, columns);
  if (down >= 1) {
    const threshold = float(ENLARGED_INK);
    resized(strength, rows, columns).values.forEach((value, index) => {
      mask.values[index] = value > threshold ? 1 : 0;
    });
    return mask;
  }
  const threshold = float(SHRUNK_INK);
  strength.values.forEach((value, index) => {
    if (value <= threshold) return;
    const row = Math.trunc(index / strength.columns), column = index % strength.columns;
    const to = Math.trunc((row * rows) / strength.rows) * columns;
    mask.values[to + Math.trunc((column * columns) / strength.columns)] = 1;
  });
  return mask;
}

// The distance of each pixel of the mask from its edge, at most reach + 1.
function edgeDistances(mask, reach) {
  const far = reach + 1, { rows, columns } = mask;
  const straight = grid(rows, columns); // the squared distance within the column
  for (let column = 0; column < columns; column++) {
    let gap = far;
    for (let row = 0; row < rows; row++) {
      gap = mask.values[row * columns + column] ? Math.min(gap + 1, far) : 0;
      straight.values[row * columns + column] = gap;
    }
    gap = far;
    for (let row = rows - 1; row >= 0; row--) {
      const index = row * columns + column;
      gap = mask.values[index] ? Math.min(gap + 1, far) : 0;
      straight.values[index] = Math.min(straight.values[index], gap) ** 2;
    }
  }
  const deep = grid(rows, columns);
  for (let index = 0; index < rows * columns; index++) {
    const column = index % columns;
    let square = straight.values[index];
    for (let step = 1; step * step < square && step < far; step++) {
      const near = Math.min(
        step <= column ? straight.values[index - step] : Infinity,
        step < columns - column ? straight.values[index + step] : Infinity,
      );
      square = Math.min(square, near + step * step);
    }
    deep.values[index] = Math.min(Math.sqrt(square), far);
  }
  return deep;
}

// The mean width of the strokes: four times the mean distance from the edge.
function strokeWidth(mask) {
  const inside = edgeDistances(padded(mask, 1), Math.max(mask.rows, mask.columns) >> 1);
  return 4 * (total(inside.values) / total(mask.values) - 0.5);
}

// The strokes redrawn with this width along their centre lines.
function redrawn(mask, width) {
  const wide = padded(mask, Math.ceil(width / 2) + 2);
  const inside = edgeDistances(wide, (Math.max(mask.rows, mask.columns) >> 1) + 2);
  const middle = centreLine(inside);
  const half = median(sortedValues(inside.values.filter((_, index) => middle[index])));
  const blob = float(float(BLOB) * half);
  const squares = inside.values.map((depth, index) =>
    middle[index] ? float(width / 2 + Math.max(float(depth - blob), 0)) ** 2 : 0,
  );
  const reach = Math.ceil(Math.sqrt(greatest(squares)));
  const across = upperEnvelope(grid(inside.rows, inside.columns, squares), reach);
  const discs = transposed(upperEnvelope(transposed(across), reach));
  return grid(discs.rows, discs.columns, discs.values.map((square) => (square > 0 ? 1 : 0)));
}

// The ridges, where no step leads much further inside.
function centreLine(inside) {
  const { rows, columns, values } = inside;
  const middle = new Uint8Array(values.map(Math.sign));
  for (const [down, right] of SLOPE_STEPS) {
    const rise = float(SLOPE * Math.hypot(down, right));
    for (let row = 0; row < rows - down; row++) {
      for (let column = Math.max(-right, 0); column < columns - Math.max(right, 0); column++) {
        const near = row * columns + column, far = near + down * columns + right;
        if (!(values[far] < float(values[near] + rise))) middle[near] = 0;
        if (!(values[near] < float(values[far] + rise))) middle[far] = 0;
      }
    }
  }
  return middle;
}

// The upper envelope of one parabola per pixel of each row; they open downwards.
function upperEnvelope(squares, reach) {
  const { rows, columns, values } = squares;
  const highest = new Float32Array(values);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const square = values[row * columns + column];
      if (!square) continue;
      for (let step = 1; step <= reach; step++) {
        const lower = float(square - step * step);
        for (const index of [column - step, column + step]) {
          if (index >= 0 && index < columns && lower > highest[row * columns + index]) {
            highest[row * columns + index] = lower;
          }
        }
      }
    }
  }
  return grid(rows, columns, highest);
}

// ---- the form of the training data --------------------------------------------------------------

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
