// The training history: a chart of the accuracy, and a slider over the epochs.

const CHART = { wide: 360, high: 120, left: 46, right: 6, top: 8, bottom: 20 };

function svg(name, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

// Draw the accuracy over the epochs; returns a function that moves the marker of the slider.
function drawChart(chart, { rows, unit, held_out: heldOut }) {
  const last = rows.at(-1)[0] || 1;
  const shares = rows.flatMap(([, train, held]) => (held === null ? [train] : [train, held]));
  const low = Math.floor(10 * Math.min(...shares)) / 10;
  const x = (number) => CHART.left + (number / last) * (CHART.wide - CHART.left - CHART.right);
  const y = (share) =>
    CHART.top + ((1 - share) / (1 - low || 1)) * (CHART.high - CHART.top - CHART.bottom);
  chart.setAttribute("viewBox", `0 0 ${CHART.wide} ${CHART.high}`);
  chart.setAttribute("aria-label", `Accuracy over ${last} ${unit}s: ${describeRow(rows.at(-1), heldOut)}`);
  for (const share of [low, (1 + low) / 2, 1]) {
    const height = y(share);
    const ends = { x1: CHART.left, x2: CHART.wide - CHART.right, y1: height, y2: height };
    const end = { x: CHART.left - 5, y: height + 4, "text-anchor": "end" };
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

function describeRow([, train, held, loss], heldOut) {
  const shares = [`training ${percent(train)}`];
  if (held !== null) shares.push(`${heldOut} ${percent(held)}`);
  return `${shares.join(", ")}, loss ${loss.toFixed(3)}`;
}

// The positions of the slider: every set of saved weights, or else every row of the metrics. The
// chosen one is the model itself: the last, or the best if the training stopped early.
function sliderPositions(learning, steps) {
  const { rows, kept, chosen } = learning;
  const rowOf = new Map(rows.map((row) => [row[0], row]));
  if (!kept.length) return rows.map((row) => ({ number: row[0], row, steps }));
  const positions = kept.map(({ number, steps: saved }) => {
    return { number, row: rowOf.get(number), steps: decodeSteps(saved) };
  });
  positions.push({ number: chosen, row: rowOf.get(chosen), steps });
  return positions.sort((a, b) => a.number - b.number);
}

// Fill the training history of a card; `changed` is called with the network at the slider.
function showTrainingHistory(part, model, changed) {
  const { learning } = model, { unit, held_out: heldOut } = learning;
  const positions = sliderPositions(learning, model.steps);
  const move = drawChart(part.querySelector("svg"), learning);
  const slider = part.querySelector("input"), output = part.querySelector("output");
  slider.max = positions.length - 1;
  slider.value = positions.findIndex(({ number }) => number === learning.chosen);
  slider.setAttribute("aria-label", `${model.name}: ${unit}`);
  part.querySelector("b.held").textContent = heldOut;
  part.querySelector(".beside").hidden = !heldOut;
  part.querySelector(".unkept").hidden = learning.kept.length > 0;
  const show = () => {
    const { number, row, steps } = positions[slider.value];
    const metrics = row ? describeRow(row, heldOut) : "before the training";
    output.textContent = `${unit} ${number}: ${metrics}`;
    slider.setAttribute("aria-valuetext", output.textContent);
    move(number);
    changed(steps);
  };
  slider.addEventListener("input", show);
  show();
}
