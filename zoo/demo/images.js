// Pictures: what is drawn, what a network sees, which units are lit, what a unit looks for.

// The colours of the page as they are now, light or dark, as [red, green, blue].
function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => {
    const number = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  };
  return { none: named("--none"), more: named("--right"), less: named("--wrong") };
}

function mixed(from, to, share) {
  return from.map((part, i) => Math.round(part + (to[i] - part) * share));
}

// A signed share of the most: blue above nothing, orange below.
function signedColour(share, { none, more, less }) {
  return mixed(none, share < 0 ? less : more, Math.min(Math.abs(share), 1));
}

// Make the canvas as fine as the screen, and return it ready for `wide` x `tall` units.
function pencil(canvas, wide, tall) {
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

// Pixel for pixel, each of them [red, green, blue].
function paintPixels(canvas, rows, columns, colourOf) {
  [canvas.width, canvas.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  for (let place = 0; place < rows * columns; place++) {
    image.data.set([...colourOf(place), 255], 4 * place);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// White on black, as the networks have learned it.
function paintSeen(canvas, shape, highest, pixels) {
  paintPixels(canvas, ...shape, (place) => {
    const level = pixels ? Math.round((255 * pixels[place]) / highest) : 0;
    return [level, level, level];
  });
}

// What a unit looks for: blue where it wants ink, orange where it wants none.
function paintWeights(canvas, [rows, columns], weights, palette) {
  const most = greatest(weights.map(Math.abs)) || 1;
  paintPixels(canvas, rows, columns, (place) => {
    return place < weights.length ? signedColour(weights[place] / most, palette) : palette.none;
  });
}

// Rows and columns for so many units: about twice as wide as high, without a rest if that can be.
function arranged(count) {
  if (count <= 16) return [1, count];
  const wanted = Math.sqrt(2 * count);
  let columns = Math.ceil(wanted);
  for (let one = Math.floor(0.7 * wanted); one <= 1.5 * wanted; one++) {
    const nearer = Math.abs(one - wanted) < Math.abs(columns - wanted);
    if (count % one === 0 && (count % columns !== 0 || nearer)) columns = one;
  }
  return [Math.ceil(count / columns), columns];
}

const GAP = 0.12; // of a cell, between two

function paintUnits(canvas, values, chosen, palette) {
  const [rows, columns] = arranged(values.length), most = greatest(values.map(Math.abs)) || 1;
  const context = pencil(canvas, columns, rows);
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

// Which unit lies under a place of the canvas.
function unitAt(canvas, event, count) {
  const [rows, columns] = arranged(count), box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  const unit = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && unit < count ? unit : null;
}

// The drawing as it was made, in lines that are sharp on any screen; and the cursor of the keys.
function paintDrawing(canvas, drawing, cursor) {
  const context = pencil(canvas, SIDE, SIDE), style = getComputedStyle(canvas);
  const ink = style.color, paper = style.backgroundColor;
  if (drawing.start) context.drawImage(pictureOf(drawing.start, ink), 0, 0);
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

function pictureOf(example, ink) {
  const canvas = document.createElement("canvas"), image = new ImageData(SIDE, SIDE);
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const colour = ink.match(/\d+/g).slice(0, 3).map(Number);
  example.levels.forEach((level, place) => image.data.set([...colour, level], 4 * place));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The drawing as a file for `zoo predict`: dark on light, the very pixels that were counted.
function pictureFile(drawing) {
  const canvas = document.createElement("canvas");
  paintPixels(canvas, SIDE, SIDE, (place) => new Array(3).fill(255 - drawing.levels[place]));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
