// From a drawing to what a network sees: the arithmetic of `zoo predict --preprocess auto`.
//
// zoo/data/images/segmentation.py, regions.py, strokes.py and ink.py say why each step is as it is; here stands
// what a drawing of this page can need of them: its paper is white to the edge, its ink dark. Python
// counts in float32, and where a threshold follows, so does this: Math.fround rounds as it does.

const float = Math.fround;

const FAINTEST = 0.04; // ink that differs less from the paper is none
const HALF = 0.5; // of the ink's strength: what is part of a stroke
const SEEN = float(0.2); // of it: what belongs to the box
const FINER = 240; // cells of the longer side when parts are told apart
const SPECK = 0.03, STRANGER = 0.3; // of the main part: what is kept near to it, and far from it

const BOX = 20, MIDDLE = 14, MNIST_SIDE = 28;
const USUAL = [1.7, 3.3], BEST = 2.7, FINE = 6;

const TALL = 32, WIDE = 20, SET = 312, SPREAD = 90, STRETCH = 1.2, FINE_BIT = 4, DIGITS_SIDE = 8;

const BLOB = float(1.3), SLOPE = 0.45;

// ---- grids: pictures of numbers, row after row ------------------------------------------------

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

// The box around all that is seen.
function cropped(from) {
  let top = from.rows, bottom = 0, left = from.columns, right = 0;
  for (let row = 0; row < from.rows; row++) {
    for (let column = 0; column < from.columns; column++) {
      if (from.values[row * from.columns + column] > SEEN) {
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
  let most = -Infinity;
  for (let place = 0; place < values.length; place++) most = Math.max(most, values[place]);
  return most;
}

function total(values) {
  let sum = 0;
  for (let place = 0; place < values.length; place++) sum += values[place];
  return sum;
}

// The sum in float32 in the order of np.sum, eight lanes beside each other: a straight line has its
// mass in the middle between two pixels, and the last bit says to which side it goes.
function floatSum(values) {
  const whole = values.length - (values.length % 8), lanes = new Float32Array(8);
  for (let place = 0; place < whole; place++) lanes[place % 8] += values[place];
  const pair = (one) => float(lanes[one] + lanes[one + 1]);
  let sum = float(float(pair(0) + pair(2)) + float(pair(4) + pair(6)));
  for (let place = whole; place < values.length; place++) sum = float(sum + values[place]);
  return sum;
}

// Python rounds halves to the even neighbour.
function rounded(number) {
  const low = Math.floor(number), rest = number - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

function between(low, number, high) {
  return Math.min(Math.max(number, low), high);
}

// The value at a place of several in their order: `at` finds it.
function inOrder(values) {
  const sorted = new Float32Array(values).sort();
  return { count: sorted.length, at: (place) => sorted[place] };
}

// The same for values that are counted, level by level, and do not fall from level to level.
function countedInOrder(counts, values) {
  return {
    count: total(counts),
    at: (place) => {
      let level = 0;
      for (let below = counts[0]; below <= place; below += counts[level]) level++;
      return values[level];
    },
  };
}

// np.percentile of float32, which takes the place between two values in float32 too.
function percentile({ count, at }, percent) {
  const place = float((count - 1) * float(percent / 100));
  const first = Math.min(Math.floor(place), count - 1), part = float(place - first);
  const low = at(first), high = at(Math.min(first + 1, count - 1)), gap = float(high - low);
  return part < 0.5
    ? float(low + float(gap * part))
    : float(high - float(gap * float(1 - part)));
}

function median({ count, at }) {
  const middle = count >> 1;
  return count % 2 ? at(middle) : float(float(at(middle - 1) + at(middle)) / 2);
}

// ---- another size, as Pillow makes it: Image.resize of float pictures --------------------------

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

function scaledAcross(from, columns, filter) {
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

// Averaged where it is smaller, smooth where larger.
function resized(from, rows, columns) {
  if (from.rows === rows && from.columns === columns) return from;
  const filter = rows < from.rows ? FILTERS.box : FILTERS.bicubic;
  let to = columns === from.columns ? from : scaledAcross(from, columns, filter);
  if (rows !== from.rows) to = transposed(scaledAcross(transposed(to), rows, filter));
  return grid(rows, columns, to.values.map((value) => between(0, value, 1)));
}

// ---- finding the ink ---------------------------------------------------------------------------

// A drawing's levels go from 0, paper, to 255, ink. Returns the ink's strength, cropped to it, or
// null where there is none. All that is asked of a pixel depends on its level alone, or on whether it
// belongs to the drawing.
function foundInk(levels, side) {
  const strengths = strengthsOf(levels, side);
  if (!strengths) return null;
  const kept = drawnPart(levels, side, strengths);
  const counts = new Array(256).fill(0);
  for (let place = 0; place < levels.length; place++) {
    if (kept[place] && strengths[levels[place]] > HALF) counts[levels[place]]++;
  }
  const most = percentile(countedInOrder(counts, strengths), 90);
  const shares = strengths.map((strength) => Math.min(float(strength / most), 1));
  const strength = grid(side, side);
  for (let place = 0; place < levels.length; place++) {
    if (kept[place]) strength.values[place] = shares[levels[place]];
  }
  return cropped(strength);
}

// The strength of each level: what the paper has of it is 0, and the ink's own full strength 1.
function strengthsOf(levels, side) {
  const counts = new Array(256).fill(0);
  for (let place = 0; place < levels.length; place++) counts[levels[place]]++;
  const shades = new Float32Array(256); // how much each level differs from the paper
  for (let level = 0; level < 256; level++) shades[level] = 1 - float((255 - level) / 255);
  const top = shades[counts.findLastIndex((count) => count > 0)];
  if (top < FAINTEST) return null;
  const perShade = float(255 / top);
  const bins = shades.map((shade) => Math.trunc(float(shade * perShade)));
  const border = bestBorder(counts, bins);
  const paper = countedInOrder(counts.map((n, level) => (bins[level] > border ? 0 : n)), shades);
  const inked = countedInOrder(counts.map((n, level) => (bins[level] > border ? n : 0)), shades);
  const low = paper.count ? median(paper) : 0, high = percentile(inked, 90);
  const noise = noiseOf(levels, side, shades, bins.map((bin) => bin > border));
  if (high - low < Math.max(FAINTEST, 4 * noise)) return null;
  const range = float(high - low);
  return shades.map((shade) => between(0, float(float(shade - float(low)) / range), 1));
}

// Where the levels part into paper and ink, after Otsu.
function bestBorder(counts, bins) {
  const sizes = new Array(greatest(bins.filter((_, level) => counts[level])) + 1).fill(0);
  counts.forEach((count, level) => {
    if (count) sizes[bins[level]] += count;
  });
  const all = total(sizes), moment = total(sizes.map((size, bin) => size * bin));
  let below = 0, sum = 0, best = -1, border = 0;
  for (let bin = 0; bin < sizes.length - 1; bin++) {
    below += sizes[bin];
    sum += sizes[bin] * bin;
    const apart = sum / Math.max(below, 1) - (moment - sum) / (all - below);
    const spread = below * (all - below) * apart ** 2;
    if (spread > best) [best, border] = [spread, bin];
  }
  return border;
}

// How much neighbours on the paper differ.
function noiseOf(levels, side, shades, isInk) {
  const gaps = [];
  let even = 0;
  for (let place = 1; place < levels.length; place++) {
    const one = levels[place - 1], other = levels[place];
    if (place % side === 0 || isInk[one] || isInk[other]) continue;
    if (one === other) even++;
    else gaps.push(Math.abs(float(shades[other] - shades[one])));
  }
  if (even > gaps.length || !gaps.length) return 0;
  return median(inOrder([...new Array(even).fill(0), ...gaps])) / 0.95;
}

// Which pixels belong to the drawing, with a little around it: the longest part of it, and what is
// no speck beside it.
function drawnPart(levels, side, strengths) {
  const cell = Math.ceil(side / FINER), cells = Math.ceil(side / cell);
  const names = new Int32Array(cells * cells).fill(-1); // -1: nothing is drawn there
  for (let place = 0; place < levels.length; place++) {
    if (strengths[levels[place]] > HALF) {
      const row = Math.trunc(place / side / cell), column = Math.trunc((place % side) / cell);
      names[row * cells + column] = 0;
    }
  }
  const chosen = chosenParts(partsOf(names, cells));
  const kept = new Uint8Array(side * side);
  names.forEach((name, place) => {
    if (name < 0 || !chosen.has(name)) return;
    const row = Math.trunc(place / cells), column = place % cells;
    const bottom = Math.min((row + 2) * cell, side), right = Math.min((column + 2) * cell, side);
    for (let down = Math.max((row - 1) * cell, 0); down < bottom; down++) {
      kept.fill(1, down * side + Math.max((column - 1) * cell, 0), down * side + right);
    }
  });
  return kept;
}

// Number the connected parts from 1 on, in place, and return their boxes and sizes.
function partsOf(names, side) {
  const parts = [];
  names.forEach((name, start) => {
    if (name !== 0) return;
    const number = parts.length + 1, waiting = [start];
    const part = { number, cells: 0, top: side, bottom: 0, left: side, right: 0 };
    names[start] = number;
    while (waiting.length) {
      const place = waiting.pop(), row = Math.trunc(place / side), column = place % side;
      part.cells++;
      part.top = Math.min(part.top, row);
      part.bottom = Math.max(part.bottom, row + 1);
      part.left = Math.min(part.left, column);
      part.right = Math.max(part.right, column + 1);
      for (let down = Math.max(row - 1, 0); down <= Math.min(row + 1, side - 1); down++) {
        for (let over = Math.max(column - 1, 0); over <= Math.min(column + 1, side - 1); over++) {
          if (names[down * side + over] === 0) {
            names[down * side + over] = number;
            waiting.push(down * side + over);
          }
        }
      }
    }
    part.extent = Math.max(part.bottom - part.top, part.right - part.left);
    parts.push(part);
  });
  return parts;
}

function chosenParts(parts) {
  const main = parts.reduce((one, other) => (other.extent > one.extent ? other : one));
  const gap = (part) =>
    Math.max(
      part.top - main.bottom, main.top - part.bottom,
      part.left - main.right, main.left - part.right, 0,
    );
  const near = (part) => gap(part) < 0.3 * main.extent;
  const kept = parts.filter((part) => part.cells >= main.cells * (near(part) ? SPECK : STRANGER));
  return new Set(kept.map((part) => part.number));
}

// ---- strokes: how wide they are, and the same ones drawn wider or narrower ----------------------

// What is ink after scaling; of a hairline every pixel leaves its mark.
function strokesOf(strength, down, right) {
  const rows = Math.max(rounded(strength.rows * down), 1);
  const columns = Math.max(rounded(strength.columns * right), 1);
  const mask = grid(rows, columns);
  if (down >= 1) {
    const border = float(HALF - 0.05);
    resized(strength, rows, columns).values.forEach((value, place) => {
      mask.values[place] = value > border ? 1 : 0;
    });
    return mask;
  }
  const border = float(HALF - 0.1);
  strength.values.forEach((value, place) => {
    if (value <= border) return;
    const row = Math.trunc(place / strength.columns), column = place % strength.columns;
    const to = Math.trunc((row * rows) / strength.rows) * columns;
    mask.values[to + Math.trunc((column * columns) / strength.columns)] = 1;
  });
  return mask;
}

// How far each pixel of the mask is from its edge, and at most reach + 1.
function depths(mask, reach) {
  const far = reach + 1, { rows, columns } = mask;
  const straight = grid(rows, columns); // up or down alone, squared
  for (let column = 0; column < columns; column++) {
    let gap = far;
    for (let row = 0; row < rows; row++) {
      gap = mask.values[row * columns + column] ? Math.min(gap + 1, far) : 0;
      straight.values[row * columns + column] = gap;
    }
    gap = far;
    for (let row = rows - 1; row >= 0; row--) {
      const place = row * columns + column;
      gap = mask.values[place] ? Math.min(gap + 1, far) : 0;
      straight.values[place] = Math.min(straight.values[place], gap) ** 2;
    }
  }
  const deep = grid(rows, columns);
  for (let place = 0; place < rows * columns; place++) {
    const column = place % columns;
    let square = straight.values[place];
    for (let step = 1; step * step < square && step < far; step++) {
      const near = Math.min(
        step <= column ? straight.values[place - step] : Infinity,
        step < columns - column ? straight.values[place + step] : Infinity,
      );
      square = Math.min(square, near + step * step);
    }
    deep.values[place] = Math.min(Math.sqrt(square), far);
  }
  return deep;
}

// Four times the mean distance from a stroke's edge.
function widthOf(mask) {
  const inside = depths(padded(mask, 1), Math.max(mask.rows, mask.columns) >> 1);
  return 4 * (total(inside.values) / total(mask.values) - 0.5);
}

// The strokes drawn along their middles anew, so wide.
function redrawn(mask, width) {
  const wide = padded(mask, Math.ceil(width / 2) + 2);
  const inside = depths(wide, (Math.max(mask.rows, mask.columns) >> 1) + 2);
  const middle = middlesOf(inside);
  const half = median(inOrder(inside.values.filter((_, place) => middle[place])));
  const blob = float(BLOB * half);
  const squares = inside.values.map((depth, place) =>
    middle[place] ? float(width / 2 + Math.max(float(depth - blob), 0)) ** 2 : 0,
  );
  const reach = Math.ceil(Math.sqrt(greatest(squares)));
  const across = highestParabolas(grid(inside.rows, inside.columns, squares), reach);
  const drawn = transposed(highestParabolas(transposed(across), reach));
  return grid(drawn.rows, drawn.columns, drawn.values.map((square) => (square > 0 ? 1 : 0)));
}

// Where a step in no direction leads much further from the edge.
function middlesOf(inside) {
  const { rows, columns, values } = inside;
  const middle = new Uint8Array(values.map(Math.sign));
  for (const [down, right] of [[0, 2], [2, 0], [2, 2], [2, -2], [0, 1], [1, 0]]) {
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

// At each pixel, the highest of the parabolas that open down from those in its row.
function highestParabolas(squares, reach) {
  const { rows, columns, values } = squares;
  const highest = new Float32Array(values);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const square = values[row * columns + column];
      if (!square) continue;
      for (let step = 1; step <= reach; step++) {
        const lower = float(square - step * step);
        for (const place of [column - step, column + step]) {
          if (place >= 0 && place < columns && lower > highest[row * columns + place]) {
            highest[row * columns + place] = lower;
          }
        }
      }
    }
  }
  return grid(rows, columns, highest);
}

// ---- into the form of the training data ---------------------------------------------------------

// What `zoo predict` would make of the drawing: the pixels, and a line that says what was done.
// Returns null where nothing is drawn.
function centred(levels, side, shape) {
  const ink = foundInk(levels, side);
  if (!ink) return null;
  const words = ["dark on light"];
  if (ink.rows !== side || ink.columns !== side) {
    words.push(`cropped to ${ink.columns} x ${ink.rows} of ${side} x ${side}`);
  }
  const pixels = shape[0] === MNIST_SIDE ? asMnist(ink, words) : asDigits(ink, words);
  return { pixels, said: words.join("; ") };
}

function asMnist(strength, words) {
  let size = (BOX * FINE) / Math.max(strength.rows, strength.columns);
  const width = widthOf(strokesOf(strength, size, size)) / FINE;
  if (!(USUAL[0] <= width && width <= USUAL[1])) {
    size *= (BOX - BEST) / (BOX - Math.min(width, 0.9 * BOX));
    strength = cropped(redrawn(strokesOf(strength, size, size), BEST * FINE));
    const change = width < BEST ? "thickened" : "thinned";
    words.push(`stroke ${change} ${width.toFixed(1)} -> ${BEST} pixels`);
  }
  words.push("centred");
  const scale = BOX / Math.max(strength.rows, strength.columns);
  const rows = Math.max(rounded(strength.rows * scale), 1);
  const columns = Math.max(rounded(strength.columns * scale), 1);
  return massInTheMiddle(resized(strength, rows, columns));
}

function massInTheMiddle(small) {
  const { rows, columns } = small, acrosses = [], downs = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    const line = small.values.subarray(row * columns, (row + 1) * columns);
    acrosses.push(floatSum(line));
    line.forEach((value, column) => {
      downs[column] += value;
    });
  }
  const [down, right] = [acrosses, downs].map((sums) => {
    const moment = sums.reduce((all, sum, place) => all + sum * place, 0);
    return rounded(MIDDLE - moment / floatSum(sums));
  });
  const pixels = new Uint8Array(MNIST_SIDE * MNIST_SIDE);
  small.values.forEach((value, place) => {
    const row = Math.trunc(place / small.columns) + down;
    const column = (place % small.columns) + right;
    if (row >= 0 && row < MNIST_SIDE && column >= 0 && column < MNIST_SIDE) {
      pixels[row * MNIST_SIDE + column] = rounded(float(value * 255));
    }
  });
  return pixels;
}

function asDigits(strength, words) {
  strength = upright(strength);
  const down = (TALL * FINE_BIT) / strength.rows;
  let right = Math.min((WIDE * FINE_BIT) / strength.columns, STRETCH * down);
  const bitmap = strokesOf(strength, down, right);
  const filled = total(bitmap.values) / FINE_BIT ** 2;
  if (Math.abs(filled - SET) > SPREAD) {
    const width = widthOf(bitmap) / FINE_BIT;
    let length = filled / width, best, anew;
    for (let turn = 0; turn < 3; turn++) {
      best = between(2, SET / length, 10);
      const taller = (TALL - best) / (TALL - Math.min(width, 0.6 * TALL));
      const across = (strength.columns * right) / FINE_BIT;
      const wider = between(0.3, (WIDE - best) / Math.max(across - width, 1), 2);
      anew = redrawn(strokesOf(strength, down * taller, right * wider), best * FINE_BIT);
      length *= 1 + 0.7 * (total(anew.values) / FINE_BIT ** 2 / SET - 1);
    }
    strength = cropped(anew);
    const change = filled < SET ? "thickened" : "thinned";
    words.push(`stroke ${change} ${width.toFixed(1)} -> ${best.toFixed(1)} of ${TALL} pixels`);
    right = Math.min((WIDE * FINE_BIT) / strength.columns, STRETCH);
  }
  words.push("set upright", "counted in blocks");
  const across = between(1, rounded((strength.columns * right) / FINE_BIT), WIDE);
  const left = (TALL - across) >> 1, block = TALL / DIGITS_SIDE;
  const counts = new Float32Array(DIGITS_SIDE * DIGITS_SIDE);
  resized(strength, TALL, across).values.forEach((value, place) => {
    const row = Math.trunc(Math.trunc(place / across) / block);
    const column = Math.trunc((left + (place % across)) / block);
    counts[row * DIGITS_SIDE + column] += value;
  });
  return Uint8Array.from(counts, rounded);
}

// The ink sheared until its lowest row begins under its highest.
function upright(strength) {
  const { rows, columns, values } = strength;
  const band = Math.max(rows >> 4, 1);
  const begin = (top) => {
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < top + band; row++) {
        if (values[row * columns + column] > HALF) return column;
      }
    }
    return 0;
  };
  const slope = between(-1.2, (begin(rows - band) - begin(0)) / Math.max(rows - band, 1), 1.2);
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
