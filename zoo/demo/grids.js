// Grids: images of numbers, row by row; and arithmetic in float32, rounded as in NumPy.

const float = Math.fround;

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
