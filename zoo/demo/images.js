// Painting of canvases: the drawing, the input of a network, its units and their weights.

// The current colours of the page, light or dark, as [red, green, blue].
function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => {
    const number = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  };
  return { none: named("--none"), more: named("--right"), less: named("--wrong") };
}

function mixColours(from, to, share) {
  return from.map((part, i) => Math.round(part + (to[i] - part) * share));
}

// The colour of a value from -1 to 1: orange below 0, blue above.
function signedColour(share, { none, more, less }) {
  return mixColours(none, share < 0 ? less : more, Math.min(Math.abs(share), 1));
}

// Fit the canvas to the screen's resolution; returns a context scaled to `wide` x `tall` units.
function scaledContext(canvas, wide, tall) {
  const ratio = window.devicePixelRatio || 1, across = Math.round(canvas.clientWidth * ratio);
  if (across && canvas.width !== across) {
    canvas.width = across;
    canvas.height = Math.round((across * tall) / wide);
  }
  const context = canvas.getContext("2d");
  context.setTransform(canvas.width / wide, 0, 0, canvas.width / wide, 0, 0);
  context.clearRect(0, 0, wide, tall);
  return context;
}

// Paint each pixel in the colour [red, green, blue] of its index.
function paintPixels(canvas, rows, columns, colourOf) {
  [canvas.width, canvas.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  for (let index = 0; index < rows * columns; index++) {
    image.data.set([...colourOf(index), 255], 4 * index);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Paint the input of a network, or a test image, as in the training data.
function paintSeen(canvas, shape, highest, pixels) {
  paintPixels(canvas, ...shape, (index) => {
    const level = pixels ? Math.round((255 * pixels[index]) / highest) : 0;
    return [level, level, level];
  });
}

// Paint the weights of a unit: blue where ink raises its input, orange where it lowers it.
function paintWeights(canvas, [rows, columns], weights, palette) {
  const most = greatest(weights.map(Math.abs)) || 1;
  paintPixels(canvas, rows, columns, (index) => {
    return index < weights.length ? signedColour(weights[index] / most, palette) : palette.none;
  });
}

// Rows and columns for `count` units: about twice as wide as high, and complete if possible.
function gridSize(count) {
  if (count <= 16) return [1, count];
  const ideal = Math.sqrt(2 * count);
  let columns = Math.ceil(ideal);
  for (let width = Math.floor(0.7 * ideal); width <= 1.5 * ideal; width++) {
    const nearer = Math.abs(width - ideal) < Math.abs(columns - ideal);
    if (count % width === 0 && (count % columns !== 0 || nearer)) columns = width;
  }
  return [Math.ceil(count / columns), columns];
}

const GAP = 0.12; // between two cells, as a fraction of a cell

function paintUnits(canvas, values, chosen, palette) {
  const [rows, columns] = gridSize(values.length), most = greatest(values.map(Math.abs)) || 1;
  const context = scaledContext(canvas, columns, rows);
  values.forEach((value, unit) => {
    const [x, y] = [unit % columns, Math.trunc(unit / columns)];
    context.fillStyle = `rgb(${signedColour(value / most, palette)})`;
    context.beginPath();
    context.roundRect(x + GAP / 2, y + GAP / 2, 1 - GAP, 1 - GAP, 0.18);
    context.fill();
    if (unit === chosen) {
      context.strokeStyle = getComputedStyle(canvas).color;
      context.lineWidth = GAP;
      context.stroke();
    }
  });
}

// The unit under a pointer, or null.
function unitAt(canvas, event, count) {
  const [rows, columns] = gridSize(count), box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  const unit = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && unit < count ? unit : null;
}

// Paint the drawing as lines, which are sharp on any screen, and the cursor of the keyboard.
function paintDrawing(canvas, drawing, cursor) {
  const context = scaledContext(canvas, WIDTH, HEIGHT), style = getComputedStyle(canvas);
  const ink = style.color, paper = style.backgroundColor;
  if (drawing.start) context.drawImage(exampleImage(drawing.start, ink), 0, 0);
  context.lineWidth = 2 * RADIUS;
  context.lineCap = context.lineJoin = "round";
  for (const { erases, points } of drawing.strokes) {
    context.strokeStyle = erases ? paper : ink;
    context.beginPath();
    for (const [x, y] of [points[0], ...points]) context.lineTo(x / STEPS, y / STEPS);
    context.stroke();
  }
  if (!cursor) return;
  context.strokeStyle = `rgb(${colours().less})`;
  context.lineWidth = cursor.isDown ? 3 : 1.5;
  context.beginPath();
  context.arc(cursor.x / STEPS, cursor.y / STEPS, RADIUS + 2, 0, 2 * Math.PI);
  context.stroke();
}

function exampleImage(example, ink) {
  const canvas = document.createElement("canvas"), image = new ImageData(WIDTH, HEIGHT);
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const colour = ink.match(/\d+/g).slice(0, 3).map(Number);
  example.levels.forEach((level, index) => image.data.set([...colour, level], 4 * index));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The drawing as a PNG for `zoo predict`: exactly the pixels of its levels, light on black for a
// network that learned so. A network that takes images as they are gets the pixels of its input.
function imageFile(drawing, model) {
  const canvas = document.createElement("canvas"), { fit, shape, on_black: onBlack } = model.form;
  const { levels } = drawing, isInput = fit === "none";
  const greys = isInput ? networkInput(drawing, model).pixels
    : fit === "ink" || !onBlack ? levels.map((level) => 255 - level) : levels;
  paintPixels(canvas, ...(isInput ? shape : PAPER), (index) => new Array(3).fill(greys[index]));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
