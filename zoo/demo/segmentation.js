// Segmentation: the ink of a drawing, as in segmentation.py and components.py of zoo/data/images.

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
