// A drawing: an optional test digit, strokes on it, and the pixels of both.
//
// The pixels are computed here, not read from a canvas, so that they are equal in every browser, and
// a link restores exactly the image that was shared.

const SIDE = 280; // pixels of a drawing
const STEPS = 2; // positions per pixel, in which the points of strokes are stored
const RADIUS = 10; // of the pen
const MARGIN = 2; // pixels at the edge that stay white: normalize.js relies on it
const MIN_MOVE = 3; // positions that the pen moves before a point is added

function emptyDrawing() {
  return { start: null, strokes: [], levels: new Uint8Array(SIDE * SIDE) };
}

// Clamp a coordinate so that the whole pen stays on the paper.
function clampToPaper(position) {
  const margin = (MARGIN + RADIUS + 1) * STEPS;
  return between(margin, Math.round(position), SIDE * STEPS - margin);
}

function beginStroke(drawing, x, y, erases) {
  const stroke = { erases, points: [[clampToPaper(x), clampToPaper(y)]] };
  drawing.strokes.push(stroke);
  inkSegment(drawing.levels, stroke.points[0], stroke.points[0], erases);
  return stroke;
}

// Extend the last stroke; returns whether it became longer.
function extendStroke(drawing, x, y) {
  const { points, erases } = drawing.strokes.at(-1);
  const from = points.at(-1), to = [clampToPaper(x), clampToPaper(y)];
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < MIN_MOVE) return false;
  points.push(to);
  inkSegment(drawing.levels, from, to, erases);
  return true;
}

function repaintLevels(drawing) {
  const { start } = drawing;
  if (start) start.levels ??= enlarged(start);
  drawing.levels = start ? start.levels.slice() : new Uint8Array(SIDE * SIDE);
  for (const { points, erases } of drawing.strokes) {
    points.forEach((to, number) => {
      inkSegment(drawing.levels, points[Math.max(number - 1, 0)], to, erases);
    });
  }
}

// Ink a segment with round ends; a pixel at its edge is inked in part.
function inkSegment(levels, from, to, erases) {
  const [x1, y1, x2, y2] = [...from, ...to].map((position) => position / STEPS - 0.5);
  const [right, down] = [x2 - x1, y2 - y1], length = right ** 2 + down ** 2;
  const reach = RADIUS + 1;
  for (let row = Math.floor(Math.min(y1, y2) - reach); row <= Math.max(y1, y2) + reach; row++) {
    for (let x = Math.floor(Math.min(x1, x2) - reach); x <= Math.max(x1, x2) + reach; x++) {
      const projection = length ? ((x - x1) * right + (row - y1) * down) / length : 0;
      const t = between(0, projection, 1);
      const distance = Math.hypot(x - x1 - t * right, row - y1 - t * down);
      const level = Math.round(255 * between(0, RADIUS + 0.5 - distance, 1));
      const index = row * SIDE + x;
      levels[index] = erases
        ? Math.min(levels[index], 255 - level)
        : Math.max(levels[index], level);
    }
  }
}

// A test digit in the size of a drawing; small images, whose ink touches the edges, get a margin.
function enlarged(example) {
  const { shape, highest, pixels } = example;
  const side = shape[0] < MNIST[0] ? SIDE * 0.8 : SIDE, margin = (SIDE - side) / 2;
  const values = Float32Array.from(pixels, (pixel) => float(pixel / highest));
  const large = resized(grid(...shape, values), side, side);
  const levels = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [down, right] = [row + margin, column + margin];
      const last = SIDE - MARGIN;
      if (Math.min(down, right) < MARGIN || Math.max(down, right) >= last) continue;
      levels[down * SIDE + right] = rounded(float(large.values[row * side + column] * 255));
    }
  }
  return levels;
}

// The input of a network of this shape: an unchanged test digit of its own data as it is, else the
// normalized drawing. Returns null if the drawing is empty.
function networkInput(drawing, shape) {
  const { start, strokes, levels } = drawing;
  if (start && !strokes.length && start.shape[0] === shape[0]) {
    return { pixels: start.pixels, description: "a test image, as it is" };
  }
  return normalize(levels, SIDE, shape);
}
