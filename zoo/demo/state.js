// What a link carries: the digit to begin with, the strokes and the models, behind the # of the
// address. It never leaves the browser but with who sends it.
//
// A stroke is its number of points, its first point, and from then on how far it went, each number
// in as few bytes as it needs; all of them as base64 that an address can hold.

const MOST_POINTS = 20000;

function packedStrokes(strokes) {
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

// Returns nothing for what no page of ours has written.
function unpackedStrokes(text) {
  if (!/^[\w-]*$/.test(text)) return null;
  let bytes, place = 0, left = MOST_POINTS;
  try {
    bytes = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
  const take = () => {
    let number = 0, shift = 0, byte;
    do {
      byte = bytes[place++];
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
  while (place < bytes.length) {
    const head = take(), count = head >> 1;
    left -= count;
    if (!count || left < 0) return null;
    const points = [];
    let x = 0, y = 0;
    for (let number = 0; number < count; number++) {
      x += takeSigned();
      y += takeSigned();
      points.push([onPaper(x), onPaper(y)]);
    }
    strokes.push({ erases: head % 2 === 1, points });
  }
  return place === bytes.length ? strokes : null;
}

function fragmentOf(drawing, shown) {
  const said = new URLSearchParams();
  if (drawing.start) said.set("start", `${drawing.start.pool}.${drawing.start.row}`);
  if (drawing.strokes.length) said.set("ink", packedStrokes(drawing.strokes));
  for (const name of shown) said.append("show", name);
  return `#${said}`;
}

// What stands behind a #: { start, strokes, shown }, each nothing where it is not there or damaged.
function readFragment(fragment) {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const [, pool, row] = /^([\w-]+)\.(\d+)$/.exec(said.get("start") ?? "") ?? [];
  return {
    start: pool ? { pool, row: Number(row) } : null,
    strokes: said.has("ink") ? unpackedStrokes(said.get("ink")) : [],
    shown: said.has("show") ? said.getAll("show") : null,
  };
}
