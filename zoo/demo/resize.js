// Resizing, as in Pillow: Image.resize of float images.

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
