// A drawing: a test digit or nothing to begin with, strokes on it, and the pixels that these make.
//
// The pixels are counted here, not read from a canvas: every browser makes the same ones, and what a
// link brings back is the very picture that was sent.

const SIDE = 280; // pixels of a drawing
const STEPS = 2; // places between two pixels where a stroke may turn
const RADIUS = 10; // of the pen
const MARGIN = 2; // pixels at the edge that stay paper: normalize.js relies on it
const LEAST = 3; // places that the pen moves before it is worth a point

function emptyDrawing() {
  return { start: null, strokes: [], levels: new Uint8Array(SIDE * SIDE) };
}

// Keep the whole pen on the paper.
function onPaper(place) {
  const margin = (MARGIN + RADIUS + 1) * STEPS;
  return between(margin, Math.round(place), SIDE * STEPS - margin);
}

function beginStroke(drawing, x, y, erases) {
  const stroke = { erases, points: [[onPaper(x), onPaper(y)]] };
  drawing.strokes.push(stroke);
  inkSegment(drawing.levels, stroke.points[0], stroke.points[0], erases);
  return stroke;
}

// Lead the stroke on; returns whether it went anywhere.
function leadStroke(drawing, x, y) {
  const { points, erases } = drawing.strokes.at(-1);
  const from = points.at(-1), to = [onPaper(x), onPaper(y)];
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < LEAST) return false;
  points.push(to);
  inkSegment(drawing.levels, from, to, erases);
  return true;
}

function drawAnew(drawing) {
  const { start } = drawing;
  if (start) start.levels ??= enlarged(start);
  drawing.levels = start ? start.levels.slice() : new Uint8Array(SIDE * SIDE);
  for (const { points, erases } of drawing.strokes) {
    points.forEach((to, number) => {
      inkSegment(drawing.levels, points[Math.max(number - 1, 0)], to, erases);
    });
  }
}

// A straight piece of a stroke with round ends: a pixel is inked by as much as it lies inside.
function inkSegment(levels, from, to, erases) {
  const [x1, y1, x2, y2] = [...from, ...to].map((place) => place / STEPS - 0.5);
  const [right, down] = [x2 - x1, y2 - y1], length = right ** 2 + down ** 2;
  const reach = RADIUS + 1;
  for (let row = Math.floor(Math.min(y1, y2) - reach); row <= Math.max(y1, y2) + reach; row++) {
    for (let x = Math.floor(Math.min(x1, x2) - reach); x <= Math.max(x1, x2) + reach; x++) {
      const along = length ? ((x - x1) * right + (row - y1) * down) / length : 0;
      const part = between(0, along, 1);
      const away = Math.hypot(x - x1 - part * right, row - y1 - part * down);
      const level = Math.round(255 * between(0, RADIUS + 0.5 - away, 1));
      const place = row * SIDE + x;
      levels[place] = erases
        ? Math.min(levels[place], 255 - level)
        : Math.max(levels[place], level);
    }
  }
}

// A test digit as large as a drawing; small pictures, whose ink goes to their edges, get a margin.
function enlarged(example) {
  const { shape, highest, pixels } = example;
  const side = shape[0] < MNIST_SIDE ? SIDE * 0.8 : SIDE, margin = (SIDE - side) / 2;
  const shares = Float32Array.from(pixels, (pixel) => float(pixel / highest));
  const large = resized(grid(...shape, shares), side, side);
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

// What a network of this shape sees: a test digit of its own data as it is, while nothing is drawn
// on it; else what is centred. Returns null where nothing is drawn.
function seenBy(drawing, shape) {
  const { start, strokes, levels } = drawing;
  if (start && !strokes.length && start.shape[0] === shape[0]) {
    return { pixels: start.pixels, said: "a test picture, as it is" };
  }
  return centred(levels, SIDE, shape);
}
