// How a network learned: its accuracy as lines, and a slider through the training.

const CHART = { wide: 360, high: 120, left: 46, right: 6, top: 8, bottom: 20 };

function svg(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// Draw accuracy over the epochs; returns what moves the line that says where the slider is.
function drawChart(chart, { rows, unit, held_out: heldOut }) {
  const last = rows.at(-1)[0] || 1;
  const shares = rows.flatMap(([, train, held]) => (held === null ? [train] : [train, held]));
  const low = Math.floor(10 * Math.min(...shares)) / 10;
  const x = (number) => CHART.left + (number / last) * (CHART.wide - CHART.left - CHART.right);
  const y = (share) =>
    CHART.top + ((1 - share) / (1 - low || 1)) * (CHART.high - CHART.top - CHART.bottom);
  chart.setAttribute("viewBox", `0 0 ${CHART.wide} ${CHART.high}`);
  chart.setAttribute("aria-label", `Accuracy over ${last} ${unit}s: ${rowWords(rows.at(-1), heldOut)}`);
  for (const share of [low, (1 + low) / 2, 1]) {
    const at = y(share);
    const ends = { x1: CHART.left, x2: CHART.wide - CHART.right, y1: at, y2: at };
    const end = { x: CHART.left - 5, y: at + 4, "text-anchor": "end" };
    chart.append(svg("line", { class: "grid", ...ends }));
    chart.append(svg("text", end, `${Math.round(100 * share)} %`));
  }
  const below = { x: CHART.wide - CHART.right, y: CHART.high - 5, "text-anchor": "end" };
  chart.append(svg("text", below, `${unit} ${last}`));
  for (const [name, column] of [["train", 1], ["held", 2]]) {
    const points = rows.filter((row) => row[column] !== null);
    const path = points.map((row) => `${x(row[0])},${y(row[column])}`).join(" ");
    chart.append(svg("polyline", { class: name, points: path }));
  }
  const marker = svg("line", { class: "marker", y1: CHART.top, y2: CHART.high - CHART.bottom });
  chart.append(marker);
  return (number) => {
    marker.setAttribute("x1", x(number));
    marker.setAttribute("x2", x(number));
  };
}

function rowWords([, train, held, loss], heldOut) {
  const shares = [`training ${percent(train)}`];
  if (held !== null) shares.push(`${heldOut} ${percent(held)}`);
  return `${shares.join(", ")}, loss ${loss.toFixed(3)}`;
}

// Where the slider can be: at every set of weights that was kept, or else at every row of metrics.
// At the chosen one is the model itself: the last, or the best if the training waited for none better.
function placesOf(learning, steps) {
  const { rows, kept, chosen } = learning;
  const rowOf = new Map(rows.map((row) => [row[0], row]));
  if (!kept.length) return rows.map((row) => ({ number: row[0], row, steps }));
  const places = kept.map(({ number, steps: then }) => {
    return { number, row: rowOf.get(number), steps: unpackedSteps(then) };
  });
  places.push({ number: chosen, row: rowOf.get(chosen), steps });
  return places.sort((one, other) => one.number - other.number);
}

// Fill the part of a card that tells of the training; `changed` hears of the network at that time.
function tellOfLearning(part, model, changed) {
  const { learning } = model, { unit, held_out: heldOut } = learning;
  const places = placesOf(learning, model.steps);
  const move = drawChart(part.querySelector("svg"), learning);
  const slider = part.querySelector("input"), words = part.querySelector("output");
  slider.max = places.length - 1;
  slider.value = places.findIndex(({ number }) => number === learning.chosen);
  slider.setAttribute("aria-label", `${model.name}: ${unit}`);
  part.querySelector("b.held").textContent = heldOut;
  part.querySelector(".beside").hidden = !heldOut;
  part.querySelector(".unkept").hidden = learning.kept.length > 0;
  const show = () => {
    const { number, row, steps } = places[slider.value];
    const said = row ? rowWords(row, heldOut) : "before the training";
    words.textContent = `${unit} ${number}: ${said}`;
    slider.setAttribute("aria-valuetext", words.textContent);
    move(number);
    changed(steps);
  };
  slider.addEventListener("input", show);
  show();
}
