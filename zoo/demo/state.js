// The state in a link: the initial test image, the strokes and the models, in the fragment of the
// address. It leaves the browser only if the user shares the link.
//
// A stroke is encoded as its number of points, its first point and the differences from point to
// point, as integers of variable length in URL-safe base64.

const MAX_POINTS = 20000;

function encodeStrokes(strokes) {
  const bytes = [];
  const put = (number) => {
    while (number > 127) {
      bytes.push((number & 127) | 128);
      number >>= 7;
    }
    bytes.push(number);
  };
  const putSigned = (number) => put(number < 0 ? -2 * number - 1 : 2 * number);
  for (const { erases, points } of strokes) {
    put(2 * points.length + (erases ? 1 : 0));
    points.forEach(([x, y], number) => {
      const [fromX, fromY] = number ? points[number - 1] : [0, 0];
      putSigned(x - fromX);
      putSigned(y - fromY);
    });
  }
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// Returns null for a text that encodeStrokes does not produce.
function decodeStrokes(text) {
  if (!/^[\w-]*$/.test(text)) return null;
  let bytes, position = 0, left = MAX_POINTS;
  try {
    bytes = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
  const take = () => {
    let number = 0, shift = 0, byte;
    do {
      byte = bytes[position++];
      number |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128 && shift < 28);
    return number;
  };
  const takeSigned = () => {
    const number = take();
    return number % 2 ? -(number + 1) / 2 : number / 2;
  };
  const strokes = [];
  while (position < bytes.length) {
    const head = take(), count = head >> 1;
    left -= count;
    if (!count || left < 0) return null;
    const points = [];
    let x = 0, y = 0;
    for (let number = 0; number < count; number++) {
      x += takeSigned();
      y += takeSigned();
      points.push(pointOnPaper(x, y));
    }
    strokes.push({ erases: head % 2 === 1, points });
  }
  return position === bytes.length ? strokes : null;
}

function fragmentOf(drawing, shown) {
  const parameters = new URLSearchParams();
  if (drawing.start) parameters.set("start", `${drawing.start.pool}.${drawing.start.row}`);
  if (drawing.strokes.length) parameters.set("ink", encodeStrokes(drawing.strokes));
  for (const name of shown) parameters.append("show", name);
  return `#${parameters}`;
}

// Decode a fragment into { start, strokes, shown }; a missing start or shown, and damaged strokes,
// are null.
function readFragment(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const [, pool, row] = /^([\w-]+)\.(\d+)$/.exec(parameters.get("start") ?? "") ?? [];
  return {
    start: pool ? { pool, row: Number(row) } : null,
    strokes: parameters.has("ink") ? decodeStrokes(parameters.get("ink")) : [],
    shown: parameters.has("show") ? parameters.getAll("show") : null,
  };
}
