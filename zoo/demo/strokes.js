// Stroke width: measuring it, and redrawing strokes with another width, as in strokes.py.

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
