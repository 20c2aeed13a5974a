// The page: the drawing is the input of every shown network, and their predictions are shown.

const facts = JSON.parse(document.getElementById("facts").textContent);
const element = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const spoken = (name) => (/^\d$/.test(name) ? `${name === "8" ? "an" : "a"} ${name}` : name);
const MOST_BARS = 12; // with more classes, the most probable ones are shown
const MOST_VOTES = 100; // with more classes, they would be too thin

const models = facts.models.map((model) => ({ ...model, steps: decodeSteps(model.steps) }));
const examples = facts.pools.flatMap(examplesOf);
const cards = new Map(models.map((model) => [model.name, makeCard(model)]));

let drawing = emptyDrawing();
let shown = facts.shown;
let erasing = false;
let cursor = null; // of the keyboard; null while a mouse, a pen or a finger draws
let written = ""; // the last fragment that the page itself wrote

function examplesOf({ name, title, form, classes, rows, labels, pixels }) {
  const bytes = bytesOf(pixels), size = form.shape[0] * form.shape[1];
  return rows.map((row, index) => ({
    pool: name, title, ...form, row, label: labels[index], name: classes[labels[index]],
    pixels: bytes.subarray(index * size, (index + 1) * size),
  }));
}

// ---- cards: one per network ---------------------------------------------------------------------

// Whether some names are longer than a digit, and need more room.
function hasNames(classes) {
  return classes.some((name) => name.length > 2);
}

function fromTemplate(id) {
  return element(id).content.firstElementChild.cloneNode(true);
}

function makeCard(model) {
  const card = fromTemplate("card");
  const find = (selector) => card.querySelector(selector);
  find("h2").textContent = model.name;
  card.setAttribute("aria-label", model.name);
  find(".about").textContent = [model.network, ...scoreWords(model.score)].join(", ");
  find(".about").title = model.summary;
  card.classList.toggle("has-names", hasNames(model.classes));
  const bars = model.classes.slice(0, MOST_BARS).map(() => {
    const bar = document.createElement("li");
    const [name, track, share] = ["b", "span", "i"].map((tag) => document.createElement(tag));
    track.append(document.createElement("span"));
    bar.append(name, track, share);
    find(".bars").append(bar);
    return bar;
  });
  const result = { model, card, bars, steps: model.steps, find };
  const dense = denseSteps(model.steps);
  result.layers = dense.slice(0, -1).map(({ units }, layer) => makeLayer(result, layer, units));
  find(".layers").append(...result.layers.map((layer) => layer.part));
  const learning = find(".learning");
  if (model.learning) {
    showTrainingHistory(learning, model, (steps) => {
      result.steps = steps;
      if (card.isConnected) settle();
    });
  } else {
    learning.remove();
  }
  return result;
}

function scoreWords(score) {
  if (!score) return [];
  const { split, n, accuracy } = score;
  return [`${percent(accuracy)} right of ${n.toLocaleString("en")} ${split} images`];
}

// A hidden layer. Its selected unit is the one under the pointer, or else the one chosen by click or
// key, or else the most active one.
function makeLayer(owner, number, count) {
  const part = fromTemplate("layer"), canvas = part.querySelector(".units");
  const isDeep = owner.model.steps.filter(({ kind }) => kind === "product").length > 2;
  const name = isDeep ? `hidden units of layer ${number + 1}` : "hidden units";
  part.querySelector("h3").textContent = `${count} ${name}`;
  const { fit } = owner.model.form;
  const inputs = number ? "an active unit" : fit === "ink" ? "ink" : "a light pixel";
  part.querySelector("p").textContent = `Point at one: ${inputs} on blue raises it, on orange lowers it.`;
  const layer = { part, number, count, pointed: null, chosen: null, values: new Float64Array(count) };
  canvas.setAttribute("aria-label", `${owner.model.name}: ${name}`);
  canvas.setAttribute("aria-valuemax", count);
  const look = (change) => {
    Object.assign(layer, change);
    showLayer(owner, layer);
  };
  canvas.addEventListener("pointermove", (event) => look({ pointed: unitAt(canvas, event, count) }));
  canvas.addEventListener("pointerleave", () => look({ pointed: null }));
  canvas.addEventListener("click", (event) => look({ chosen: unitAt(canvas, event, count) }));
  canvas.addEventListener("keydown", (event) => {
    const columns = gridSize(count)[1], now = selectedUnit(layer);
    const to = {
      ArrowLeft: now - 1, ArrowRight: now + 1, ArrowUp: now - columns, ArrowDown: now + columns,
      Home: 0, End: count - 1,
    }[event.key];
    if (event.key === "Escape") look({ chosen: null });
    if (to === undefined) return;
    event.preventDefault();
    look({ chosen: between(0, to, count - 1), pointed: null });
  });
  const votes = part.querySelector(".votes");
  for (const name of owner.model.classes.slice(0, MOST_VOTES)) {
    votes.append(document.createElement("li"));
    votes.lastChild.append(document.createElement("span"), document.createElement("b"));
    votes.lastChild.lastChild.textContent = votes.lastChild.title = name;
  }
  return layer;
}

function selectedUnit({ pointed, chosen, values }) {
  return pointed ?? chosen ?? values.indexOf(greatest(values));
}

// ---- predictions ---------------------------------------------------------------------------------

// Predict with every shown network, and show the results.
function showPredictions() {
  const seen = new Map();
  for (const name of shown) {
    const card = cards.get(name), { pool, form } = card.model, key = JSON.stringify([pool, form]);
    if (!seen.has(key)) seen.set(key, networkInput(drawing, card.model));
    showPrediction(card, seen.get(key));
  }
}

function showPrediction(card, seen) {
  const { model, find, bars, steps } = card, { classes, form } = model;
  const answer = seen && predict(steps, model.divide, seen.pixels);
  card.answer = answer;
  const predicted = answer && classes[answer.label];
  const probability = answer ? percent(answer.probabilities[answer.label]) : "";
  paintSeen(find(".seen"), form.shape, form.highest, seen?.pixels);
  find(".seen").setAttribute("aria-label", `Input of ${model.name}`);
  find(".verdict strong").textContent = predicted ?? "–";
  const label = drawing.strokes.length ? null : drawing.start?.name; // only a test image has a label
  const isWrong = answer !== null && classes.includes(label) && predicted !== label;
  const mistake = isWrong ? `; it is ${spoken(label)}` : "";
  find(".verdict").classList.toggle("is-wrong", isWrong);
  find(".description").textContent = seen ? seen.description + mistake : "nothing is drawn yet";
  find(".verdict span").textContent = probability;
  const said = answer ? `${spoken(predicted)}, ${probability}` : "nothing";
  card.words = `${model.name} says ${said}${mistake}.`;
  const order = shownClasses(answer, classes.length), more = classes.length - order.length;
  const rest = answer ? 1 - total(order.map((index) => answer.probabilities[index])) : 0;
  find(".rest").textContent = more ? `and ${more} more${answer ? `, ${percent(Math.max(rest, 0))}` : ""}` : "";
  bars.forEach((bar, place) => {
    const index = order[place], share = answer ? answer.probabilities[index] : 0;
    bar.firstChild.textContent = bar.title = classes[index];
    bar.classList.toggle("is-answer", answer?.label === index);
    bar.querySelector("span span").style.width = percent(share).replace(" ", "");
    bar.querySelector("i").textContent = answer ? percent(share) : "";
  });
  for (const layer of card.layers) {
    layer.values = answer ? answer.hidden[layer.number] : new Float64Array(layer.count);
    showLayer(card, layer);
  }
}

// The classes of the bars: all in their order, or the most probable first.
function shownClasses(answer, count) {
  const all = [...Array(count).keys()];
  if (answer && count > MOST_BARS) {
    all.sort((one, other) => answer.probabilities[other] - answer.probabilities[one]);
  }
  return all.slice(0, MOST_BARS);
}

// Show a hidden layer, and the incoming and outgoing weights of its selected unit.
function showLayer({ model, steps }, layer) {
  const { part, number, count, values } = layer, unit = selectedUnit(layer), palette = colours();
  const find = (selector) => part.querySelector(selector);
  paintUnits(find(".units"), values, unit, palette);
  const weights = weightsInto(steps, number, unit);
  // A later layer has the units of the previous one as inputs, in the same arrangement.
  const shape = number ? gridSize(weights.length) : model.form.shape;
  paintWeights(find(".weights"), shape, weights, palette);
  const outgoing = weightsOutOf(steps, number, unit), isLast = number === denseSteps(steps).length - 2;
  const most = greatest(outgoing.map(Math.abs)) || 1;
  const order = [...outgoing.keys()].sort((a, b) => outgoing[b] - outgoing[a]);
  const supported = order.slice(0, order.length > 2 ? 2 : 1).map((index) => model.classes[index]);
  const votes = `votes for ${supported.join(" and ")}, against ${model.classes[order.at(-1)]}`;
  const words = `Unit ${unit + 1} is at ${values[unit].toFixed(2)}${isLast ? `; it ${votes}` : ""}.`;
  find(".of").textContent = words;
  find(".votes").hidden = !isLast || outgoing.length > MOST_VOTES;
  find(".weights").setAttribute("aria-label", `Weights of unit ${unit + 1} of ${count}`);
  find(".units").setAttribute("aria-valuenow", unit + 1);
  find(".units").setAttribute("aria-valuetext", words);
  if (!isLast) return;
  [...find(".votes").children].forEach((vote, index) => {
    const bar = vote.firstChild, share = outgoing[index] / most;
    bar.className = share < 0 ? "less" : "more";
    bar.style.height = `${1.6 * Math.abs(share)}rem`;
  });
}

// ---- the drawing ---------------------------------------------------------------------------------

let isDue = false;

// Repaint at most once per frame.
function refresh() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    showDrawing();
    showPredictions();
  });
}

function showDrawing() {
  const isEmpty = !drawing.start && !drawing.strokes.length;
  paintDrawing(element("pad"), drawing, cursor);
  element("invitation").hidden = !isEmpty;
  const focused = document.activeElement;
  element("undo").disabled = element("clear").disabled = element("save").disabled = isEmpty;
  if (focused.disabled) element("pad").focus(); // else the keyboard focus would return to the top
}

let writing = 0;

// Show a finished stroke and announce the predictions. The address is written after a pause, because
// browsers limit how often a page may write it.
function settle() {
  showDrawing();
  showPredictions();
  const predicted = shown.map((name) => cards.get(name)).filter(({ answer }) => answer);
  element("summary").textContent = predicted.map(({ words }) => words).join(" ");
  for (const button of element("images").children) {
    button.setAttribute("aria-pressed", button.example === drawing.start);
  }
  clearTimeout(writing);
  writing = setTimeout(writeAddress, 500);
}

function writeAddress() {
  clearTimeout(writing);
  written = fragmentOf(drawing, shown);
  history.replaceState(null, "", written);
}

function draw(start, strokes) {
  liftPen();
  drawing = { ...emptyDrawing(), start, strokes };
  repaintLevels(drawing);
  settle();
}

function undo() {
  draw(drawing.strokes.length ? drawing.start : null, drawing.strokes.slice(0, -1));
}

function clear() {
  draw(null, []);
}

function useEraser(erases) {
  erasing = erases;
  element("pen").setAttribute("aria-pressed", !erases);
  element("eraser").setAttribute("aria-pressed", erases);
}

function note(text) {
  element("note").textContent = text;
}

// ---- mouse, pen and finger ------------------------------------------------------------------------

function positionOf(event) {
  const box = element("pad").getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * WIDTH * STEPS,
    ((event.clientY - box.top) / box.height) * HEIGHT * STEPS,
  ];
}

const PEN_ERASER = 32; // the bit of a pen's eraser in event.buttons

function drawByPointer(pad) {
  let pointer = null, stroke = null; // of the first pointer; a second finger does not draw
  pad.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.button !== 0 && event.buttons !== PEN_ERASER)) return;
    pointer = event.pointerId;
    pad.setPointerCapture(pointer);
    liftPen();
    cursor = null;
    stroke = beginStroke(drawing, ...positionOf(event), erasing || event.buttons === PEN_ERASER);
    refresh();
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || drawing.strokes.at(-1) !== stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const step of events.length ? events : [event]) extendStroke(drawing, ...positionOf(step));
    refresh();
  });
  const end = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    settle();
  };
  pad.addEventListener("pointerup", end);
  pad.addEventListener("pointercancel", end);
}

// ---- keyboard -------------------------------------------------------------------------------------

const STRIDE = 8 * STEPS, SMALL_STRIDE = 2 * STEPS;
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function drawByKeys(pad) {
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!handleKey(event)) return;
    event.preventDefault();
    showDrawing();
  });
  pad.addEventListener("blur", () => {
    liftPen();
    cursor = null;
    settle();
  });
}

// Returns whether the key was handled.
function handleKey({ key, shiftKey, repeat }) {
  if (key in DIRECTIONS) return moveCursor(DIRECTIONS[key], shiftKey ? SMALL_STRIDE : STRIDE);
  if (key === " ") return repeat || togglePen();
  if (key === "Backspace") return undo() ?? true;
  if (key === "Delete") return clear() ?? true;
  if (key.toLowerCase() === "e") return useEraser(!erasing) ?? true;
  if (/^\d$/.test(key)) return startWithClass(Number(key));
  return false;
}

function moveCursor([right, down], stride) {
  cursor ??= { x: (WIDTH * STEPS) / 2, y: (HEIGHT * STEPS) / 2, isDown: false };
  [cursor.x, cursor.y] = pointOnPaper(cursor.x + right * stride, cursor.y + down * stride);
  if (cursor.isDown && extendStroke(drawing, cursor.x, cursor.y)) refresh();
  return true;
}

function togglePen() {
  moveCursor([0, 0], 0);
  cursor.isDown = !cursor.isDown;
  note(cursor.isDown ? "The pen is down." : "The pen is up.");
  if (cursor.isDown) beginStroke(drawing, cursor.x, cursor.y, erasing);
  settle();
  return true;
}

// Lift the pen of the keyboard when something else ends its stroke.
function liftPen() {
  if (!cursor?.isDown) return;
  cursor.isDown = false;
  note("The pen is up.");
}

// Start with the next test image of this class.
function startWithClass(number) {
  const matches = offeredExamples().filter((example) => example.label === number);
  if (matches.length) draw(matches[(matches.indexOf(drawing.start) + 1) % matches.length], []);
  return true;
}

// ---- test images ----------------------------------------------------------------------------------

function exampleOf(pool, row) {
  return examples.find((example) => example.pool === pool && example.row === row) ?? null;
}

function inGroup({ pool, places }) {
  const pooled = examples.filter((example) => example.pool === pool);
  return places.map((index) => pooled[index]);
}

// The groups of test images for the shown networks.
function shownGroups() {
  const pools = shown.map((name) => cards.get(name).model.pool);
  return facts.groups.filter(({ misread, pool }) => {
    return misread ? shown.includes(misread) : pools.includes(pool);
  });
}

function offeredExamples() {
  return shownGroups().filter(({ misread }) => !misread).flatMap(inGroup);
}

function showGroups() {
  const groups = shownGroups(), choice = element("groups"), before = choice.value;
  choice.replaceChildren(...groups.map(({ pool, misread }) => {
    const { title } = facts.pools.find(({ name }) => name === pool);
    return new Option(misread ? `misread by ${misread}` : `test images of ${title}`);
  }));
  if (groups.length && [...choice.options].some(({ value }) => value === before)) {
    choice.value = before;
  }
  document.querySelector(".examples").hidden = !groups.length;
  showGroup();
}

function showGroup() {
  const group = shownGroups()[element("groups").selectedIndex];
  const pool = group && facts.pools.find(({ name }) => name === group.pool);
  element("images").classList.toggle("has-captions", !!group?.misread && hasNames(pool.classes));
  element("images").replaceChildren(...(group ? inGroup(group).map((example) => {
    return exampleButton(example, group.misread);
  }) : []));
}

function exampleButton(example, misread) {
  const button = document.createElement("button"), canvas = document.createElement("canvas");
  button.type = "button";
  button.example = example;
  button.setAttribute("aria-pressed", example === drawing.start);
  paintSeen(canvas, example.shape, example.highest, example.pixels);
  button.append(canvas);
  let words = spoken(example.name);
  if (misread) {
    const { model } = cards.get(misread);
    const seen = networkInput(drawingOf(example), model);
    const answer = model.classes[predict(model.steps, model.divide, seen.pixels).label];
    const caption = document.createElement("span");
    caption.textContent = `${example.name}→${answer}`;
    button.append(caption);
    words += ` that ${misread} reads as ${answer}`;
  }
  button.title = words;
  button.setAttribute("aria-label", `${words}, image ${example.row} of ${example.title}`);
  button.addEventListener("click", () => draw(example, []));
  return button;
}

function drawingOf(example) {
  const drawing = { ...emptyDrawing(), start: example };
  repaintLevels(drawing);
  return drawing;
}

// ---- choice of networks ----------------------------------------------------------------------------

function show(names) {
  const valid = models.map(({ name }) => name).filter((name) => names.includes(name));
  shown = valid.length ? valid : facts.shown;
  element("cards").replaceChildren(...shown.map((name) => cards.get(name).card));
  for (const box of element("chooser").querySelectorAll("input")) {
    box.checked = shown.includes(box.value);
    box.disabled = box.checked && shown.length === 1;
  }
  showGroups();
}

function fillChooser() {
  element("chooser").hidden = models.length < 2;
  for (const { name, summary } of models) {
    const label = document.createElement("label"), box = document.createElement("input");
    [box.type, box.value, label.title] = ["checkbox", name, summary];
    label.append(box, name);
    box.addEventListener("change", () => {
      show(box.checked ? [...shown, name] : shown.filter((other) => other !== name));
      settle();
    });
    element("chooser").append(label);
  }
}

// ---- sharing -----------------------------------------------------------------------------------------

async function copyLink() {
  writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    note("The link is copied. Everyone who opens it sees this drawing.");
  } catch {
    note(`Copy the address of this page: it contains the drawing, from ${written.slice(0, 12)}… on.`);
  }
}

async function saveImage() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await imageFile(drawing, cards.get(shown[0]).model));
  link.download = "drawing.png";
  link.click();
  URL.revokeObjectURL(link.href);
  note(`drawing.png is saved; bundles and \`zoo predict ${shown[0]} drawing.png\` read it.`);
}

// Restore the state in the fragment of the address.
function readAddress() {
  if (location.hash === written && written) return;
  const { start, strokes, shown: names } = readFragment(location.hash);
  const example = start && exampleOf(start.pool, start.row);
  show(names ?? facts.shown);
  draw(example, strokes ?? []);
  if (start && !example) note("The test image under this drawing is not in this page.");
  if (!strokes) note("The drawing in the address cannot be read.");
}

fillChooser();
drawByPointer(element("pad"));
drawByKeys(element("pad"));
element("undo").addEventListener("click", undo);
element("clear").addEventListener("click", clear);
element("pen").addEventListener("click", () => useEraser(false));
element("eraser").addEventListener("click", () => useEraser(true));
element("copy").addEventListener("click", copyLink);
element("save").addEventListener("click", saveImage);
element("groups").addEventListener("change", showGroup);
document.querySelector("h1").textContent = facts.heading;
element("pad").style.aspectRatio = WIDTH / HEIGHT;
element("lacks").hidden = !facts.lacks_mnist;
element("made").textContent = `Made by zoo ${facts.zoo}.${licences()}`;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
addEventListener("resize", refresh);
addEventListener("hashchange", readAddress);
readAddress();

function licences() {
  const all = facts.pools.map(({ title, licence }) => `${title} (${licence})`).join(", ");
  return all && ` Test images: ${all}.`;
}
