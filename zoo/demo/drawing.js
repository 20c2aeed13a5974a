// A drawing: an optional test image, strokes on it, and the pixels of both.
//
// The pixels are computed here, not read from a canvas, so that they are equal in every browser, and
// a link restores exactly the image that was shared.

const SIDE = 280; // pixels of the longer side of a drawing
const [HEIGHT, WIDTH] = PAPER; // pixels of a drawing, in the proportions of the networks' images
const STEPS = 2; // positions per pixel, in which the points of strokes are stored
const RADIUS = 10; // of the pen
const MARGIN = 2; // pixels at the edge that stay white: normalize.js relies on it
const MIN_MOVE = 3; // positions that the pen moves before a point is added

function emptyDrawing() {
  return { start: null, strokes: [], levels: new Uint8Array(HEIGHT * WIDTH) };
}

// The nearest point at which the whole pen stays on the paper.
function pointOnPaper(x, y) {
  const margin = (MARGIN + RADIUS + 1) * STEPS;
  const clamped = (position, side) => between(margin, Math.round(position), side * STEPS - margin);
  return [clamped(x, WIDTH), clamped(y, HEIGHT)];
}

function beginStroke(drawing, x, y, erases) {
  const stroke = { erases, points: [pointOnPaper(x, y)] };
  drawing.strokes.push(stroke);
  inkSegment(drawing.levels, stroke.points[0], stroke.points[0], erases);
  return stroke;
}

// Extend the last stroke; returns whether it became longer.
function extendStroke(drawing, x, y) {
  const { points, erases } = drawing.strokes.at(-1);
  const from = points.at(-1), to = pointOnPaper(x, y);
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < MIN_MOVE) return false;
  points.push(to);
  inkSegment(drawing.levels, from, to, erases);
  return true;
}

function repaintLevels(drawing) {
  const { start } = drawing;
  if (start) start.levels ??= enlarged(start);
  drawing.levels = start ? start.levels.slice() : new Uint8Array(HEIGHT * WIDTH);
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
      const index = row * WIDTH + x;
      levels[index] = erases
        ? Math.min(levels[index], 255 - level)
        : Math.max(levels[index], level);
    }
  }
}

// The ink of a test image in the size of a drawing. Ink that will be centred keeps off the edges, and
// that of small digits, which touches them, gets a margin.
function enlarged({ shape, highest, fit, on_black: onBlack, pixels }) {
  const edge = fit === "ink" ? MARGIN : 0, share = edge && shape[0] < MNIST[0] ? 0.8 : 1;
  const [rows, columns] = PAPER.map((length) => length * share);
  const [top, left] = [(HEIGHT - rows) / 2, (WIDTH - columns) / 2];
  const values = Float32Array.from(pixels, (pixel) => float(pixel / highest));
  const large = resized(grid(...shape, values), rows, columns);
  const levels = new Uint8Array(HEIGHT * WIDTH);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [down, right] = [row + top, column + left];
      if (Math.min(down, right, HEIGHT - 1 - down, WIDTH - 1 - right) < edge) continue;
      const level = rounded(float(large.values[row * columns + column] * 255));
      levels[down * WIDTH + right] = onBlack ? level : 255 - level;
    }
  }
  return levels;
}

// The input of a network: an unchanged test image of its own data as it is, else the drawing in the
// form of its images. Returns null if the drawing is empty.
function networkInput({ start, strokes, levels }, { pool, form }) {
  if (start && !strokes.length && start.pool === pool && String(start.shape) === String(form.shape)) {
    return { pixels: start.pixels, description: "a test image, as it is" };
  }
  return inForm(levels, form);
}
