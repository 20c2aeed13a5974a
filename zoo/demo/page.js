// The page: what is drawn goes to every network that is shown, and what they make of it is shown.

const facts = JSON.parse(document.getElementById("facts").textContent);
const element = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const called = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);

const models = facts.models.map((model) => ({ ...model, steps: unpackedSteps(model.steps) }));
const examples = facts.pools.flatMap(examplesOf);
const cards = new Map(models.map((model) => [model.name, cardOf(model)]));

let drawing = emptyDrawing();
let shown = facts.shown;
let erasing = false;
let cursor = null; // of the keys; nothing while a mouse, a pen or a finger draws
let written = ""; // the fragment that the page itself has written last

function examplesOf({ name, title, shape, highest, rows, labels, pixels }) {
  const bytes = bytesOf(pixels), size = shape[0] * shape[1];
  return rows.map((row, place) => ({
    pool: name, title, shape, highest, row, label: labels[place],
    pixels: bytes.subarray(place * size, (place + 1) * size),
  }));
}

// ---- cards: one for each network ----------------------------------------------------------------

function stamped(id) {
  return element(id).content.firstElementChild.cloneNode(true);
}

function cardOf(model) {
  const card = stamped("card");
  const find = (selector) => card.querySelector(selector);
  find("h2").textContent = model.name;
  card.setAttribute("aria-label", model.name);
  find(".about").textContent = [model.network, ...scoreWords(model.score)].join(", ");
  find(".about").title = model.summary;
  const bars = [...Array(10).keys()].map((digit) => {
    const bar = document.createElement("li");
    const [name, track, share] = ["b", "span", "i"].map((tag) => document.createElement(tag));
    name.textContent = digit;
    track.append(document.createElement("span"));
    bar.append(name, track, share);
    find(".bars").append(bar);
    return bar;
  });
  const made = { model, card, bars, steps: model.steps, find };
  const products = productsOf(model.steps);
  made.layers = products.slice(0, -1).map(({ units }, layer) => layerOf(made, layer, units));
  find(".layers").append(...made.layers.map((layer) => layer.part));
  const learning = find(".learning");
  if (model.learning) {
    tellOfLearning(learning, model, (steps) => {
      made.steps = steps;
      if (card.isConnected) settle();
    });
  } else {
    learning.remove();
  }
  return made;
}

function scoreWords(score) {
  if (!score) return [];
  const { split, n, accuracy } = score;
  return [`${percent(accuracy)} right of ${n.toLocaleString("en")} ${split} digits`];
}

// A hidden layer, and which of its units is looked at: the one that is pointed at, or that was
// chosen, or else the most active one.
function layerOf(owner, number, count) {
  const part = stamped("layer"), canvas = part.querySelector(".units");
  const which = owner.model.steps.filter(({ kind }) => kind === "product").length > 2;
  const name = which ? `hidden units of layer ${number + 1}` : "hidden units";
  part.querySelector("h3").textContent = `${count} ${name}`;
  const below = number ? "units below lit" : "ink";
  part.querySelector("p").textContent = `Point at one: in blue it wants ${below}, in orange none.`;
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
    const columns = arranged(count)[1], now = unitLookedAt(layer);
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
  for (let digit = 0; digit < 10; digit++) {
    votes.append(document.createElement("li"));
    votes.lastChild.append(document.createElement("span"), document.createElement("b"));
    votes.lastChild.lastChild.textContent = digit;
  }
  return layer;
}

function unitLookedAt({ pointed, chosen, values }) {
  return pointed ?? chosen ?? values.indexOf(greatest(values));
}

// ---- what the networks make of the drawing -------------------------------------------------------

// Ask every network that is shown, and show what it answers.
function showAnswers() {
  const seen = new Map();
  for (const name of shown) {
    const card = cards.get(name), { shape } = card.model;
    if (!seen.has(shape[0])) seen.set(shape[0], seenBy(drawing, shape));
    showAnswer(card, seen.get(shape[0]));
  }
}

function showAnswer(card, seen) {
  const { model, find, bars, steps } = card;
  const answer = seen && answered(steps, model.divide, seen.pixels);
  card.answer = answer;
  paintSeen(find(".seen"), model.shape, model.shape[0] === DIGITS_SIDE ? 16 : 255, seen?.pixels);
  const said = answer ? `${called(answer.label)}, ${percent(answer.probabilities[answer.label])}` : "nothing";
  find(".seen").setAttribute("aria-label", `What ${model.name} sees`);
  find(".verdict strong").textContent = answer ? answer.label : "–";
  const label = drawing.strokes.length ? null : drawing.start?.label; // known of a test digit alone
  const isWrong = answer !== null && label != null && answer.label !== label;
  const mistake = isWrong ? `; it is ${called(label)}` : "";
  find(".verdict").classList.toggle("is-wrong", isWrong);
  find(".said").textContent = seen ? seen.said + mistake : "nothing is drawn yet";
  find(".verdict span").textContent = answer ? percent(answer.probabilities[answer.label]) : "";
  card.words = `${model.name} says ${said}${mistake}.`;
  bars.forEach((bar, digit) => {
    const share = answer ? answer.probabilities[digit] : 0;
    bar.classList.toggle("is-answer", answer?.label === digit);
    bar.querySelector("span span").style.width = percent(share).replace(" ", "");
    bar.querySelector("i").textContent = answer ? percent(share) : "";
  });
  for (const layer of card.layers) {
    layer.values = answer ? answer.hidden[layer.number] : new Float64Array(layer.count);
    showLayer(card, layer);
  }
}

// Show a hidden layer, and what the unit that is looked at wants and gives.
function showLayer({ model, steps }, layer) {
  const { part, number, count, values } = layer, unit = unitLookedAt(layer), palette = colours();
  const find = (selector) => part.querySelector(selector);
  paintUnits(find(".units"), values, unit, palette);
  const weights = weightsInto(steps, number, unit);
  // higher up it looks at the units below, which lie as they are shown there
  const shape = number ? arranged(weights.length) : model.shape;
  paintWeights(find(".weights"), shape, weights, palette);
  const gives = weightsOutOf(steps, number, unit), isLast = number === productsOf(steps).length - 2;
  const most = greatest(gives.map(Math.abs)) || 1;
  const order = [...gives.keys()].sort((one, other) => gives[other] - gives[one]);
  const votes = `speaks for ${order[0]} and ${order[1]}, against ${order.at(-1)}`;
  const words = `Unit ${unit + 1} is at ${values[unit].toFixed(2)}${isLast ? `; it ${votes}` : ""}.`;
  find(".of").textContent = words;
  find(".votes").hidden = !isLast;
  find(".weights").setAttribute("aria-label", `What unit ${unit + 1} of ${count} looks for`);
  find(".units").setAttribute("aria-valuenow", unit + 1);
  find(".units").setAttribute("aria-valuetext", words);
  if (!isLast) return;
  [...find(".votes").children].forEach((vote, digit) => {
    const bar = vote.firstChild, share = gives[digit] / most;
    bar.className = share < 0 ? "less" : "more";
    bar.style.height = `${1.6 * Math.abs(share)}rem`;
  });
}

// ---- the drawing ---------------------------------------------------------------------------------

let isDue = false;

// Show what has changed, at most once for every picture of the screen.
function refresh() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    showDrawing();
    showAnswers();
  });
}

function showDrawing() {
  const isEmpty = !drawing.start && !drawing.strokes.length;
  paintDrawing(element("pad"), drawing, cursor);
  element("invitation").hidden = !isEmpty;
  const focused = document.activeElement;
  element("undo").disabled = element("clear").disabled = element("save").disabled = isEmpty;
  if (focused.disabled) element("pad").focus(); // or the keys would begin anew at the top
}

let writing = 0;

// Show a drawing that is done for now and say it. The address follows when nothing more comes:
// browsers let a page write it only so often.
function settle() {
  showDrawing();
  showAnswers();
  const said = shown.map((name) => cards.get(name)).filter(({ answer }) => answer);
  element("summary").textContent = said.map(({ words }) => words).join(" ");
  for (const button of element("digits").children) {
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
  drawAnew(drawing);
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

// ---- by mouse, pen or finger ----------------------------------------------------------------------

function placeOf(event) {
  const box = element("pad").getBoundingClientRect(), fine = SIDE * STEPS;
  return [
    ((event.clientX - box.left) / box.width) * fine,
    ((event.clientY - box.top) / box.height) * fine,
  ];
}

const PEN_ERASER = 32; // among the buttons of a pointer: the other end of a pen

function drawByPointer(pad) {
  let pointer = null, stroke = null; // of the one that draws; a second finger does not
  pad.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.button !== 0 && event.buttons !== PEN_ERASER)) return;
    pointer = event.pointerId;
    pad.setPointerCapture(pointer);
    liftPen();
    cursor = null;
    stroke = beginStroke(drawing, ...placeOf(event), erasing || event.buttons === PEN_ERASER);
    refresh();
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || drawing.strokes.at(-1) !== stroke) return;
    const several = event.getCoalescedEvents?.() ?? [];
    for (const one of several.length ? several : [event]) leadStroke(drawing, ...placeOf(one));
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

// ---- by keys --------------------------------------------------------------------------------------

const STRIDE = 8 * STEPS, SMALL_STRIDE = 2 * STEPS;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function drawByKeys(pad) {
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!keyPressed(event)) return;
    event.preventDefault();
    showDrawing();
  });
  pad.addEventListener("blur", () => {
    liftPen();
    cursor = null;
    settle();
  });
}

// Returns whether the key means something here.
function keyPressed({ key, shiftKey, repeat }) {
  if (key in WAYS) return moveCursor(WAYS[key], shiftKey ? SMALL_STRIDE : STRIDE);
  if (key === " ") return repeat || putDownOrLift();
  if (key === "Backspace") return undo() ?? true;
  if (key === "Delete") return clear() ?? true;
  if (key.toLowerCase() === "e") return useEraser(!erasing) ?? true;
  if (/^\d$/.test(key)) return beginWithDigit(Number(key));
  return false;
}

function moveCursor([right, down], stride) {
  cursor ??= { x: (SIDE * STEPS) / 2, y: (SIDE * STEPS) / 2, isDown: false };
  cursor.x = onPaper(cursor.x + right * stride);
  cursor.y = onPaper(cursor.y + down * stride);
  if (cursor.isDown && leadStroke(drawing, cursor.x, cursor.y)) refresh();
  return true;
}

function putDownOrLift() {
  moveCursor([0, 0], 0);
  cursor.isDown = !cursor.isDown;
  note(cursor.isDown ? "The pen is down." : "The pen is up.");
  if (cursor.isDown) beginStroke(drawing, cursor.x, cursor.y, erasing);
  settle();
  return true;
}

// Lift the pen of the keys where something else ends its stroke.
function liftPen() {
  if (!cursor?.isDown) return;
  cursor.isDown = false;
  note("The pen is up.");
}

// Bring the next test digit of that number.
function beginWithDigit(digit) {
  const several = offered().filter((example) => example.label === digit);
  if (several.length) draw(several[(several.indexOf(drawing.start) + 1) % several.length], []);
  return true;
}

// ---- test digits ----------------------------------------------------------------------------------

function exampleOf(pool, row) {
  return examples.find((example) => example.pool === pool && example.row === row) ?? null;
}

function inGroup({ pool, places }) {
  const several = examples.filter((example) => example.pool === pool);
  return places.map((place) => several[place]);
}

// The groups of test digits that go with the networks that are shown.
function groupsNow() {
  const shapes = new Set(shown.map((name) => cards.get(name).model.shape[0]));
  const fits = ({ pool }) => shapes.has(facts.pools.find(({ name }) => name === pool).shape[0]);
  const fitting = facts.groups.filter((group) => {
    return group.misread ? shown.includes(group.misread) : fits(group);
  });
  return fitting.some(({ misread }) => !misread) ? fitting : facts.groups.filter((group) => {
    return !group.misread || shown.includes(group.misread);
  });
}

function offered() {
  return groupsNow().filter(({ misread }) => !misread).flatMap(inGroup);
}

function showGroups() {
  const groups = groupsNow(), choice = element("groups"), before = choice.value;
  choice.replaceChildren(...groups.map(({ pool, misread }) => {
    const { title } = facts.pools.find(({ name }) => name === pool);
    return new Option(misread ? `misread by ${misread}` : `test digits of ${title}`);
  }));
  if (groups.length && [...choice.options].some(({ value }) => value === before)) {
    choice.value = before;
  }
  showGroup();
}

function showGroup() {
  const group = groupsNow()[element("groups").selectedIndex];
  element("digits").replaceChildren(...(group ? inGroup(group).map((example) => {
    return digitButton(example, group.misread);
  }) : []));
}

function digitButton(example, misread) {
  const button = document.createElement("button"), canvas = document.createElement("canvas");
  button.type = "button";
  button.example = example;
  button.setAttribute("aria-pressed", example === drawing.start);
  paintSeen(canvas, example.shape, example.highest, example.pixels);
  button.append(canvas);
  let words = called(example.label);
  if (misread) {
    const { model } = cards.get(misread);
    const seen = seenBy({ ...startedWith(example) }, model.shape);
    const { label } = answered(model.steps, model.divide, seen.pixels);
    const caption = document.createElement("span");
    caption.textContent = `${example.label}→${label}`;
    button.append(caption);
    words += ` that ${misread} reads as ${label}`;
  }
  button.setAttribute("aria-label", `${words}, picture ${example.row} of ${example.title}`);
  button.addEventListener("click", () => draw(example, []));
  return button;
}

function startedWith(example) {
  const begun = { ...emptyDrawing(), start: example };
  drawAnew(begun);
  return begun;
}

// ---- which networks are shown ----------------------------------------------------------------------

function show(names) {
  const known = models.map(({ name }) => name).filter((name) => names.includes(name));
  shown = known.length ? known : facts.shown;
  element("cards").replaceChildren(...shown.map((name) => cards.get(name).card));
  for (const box of element("chooser").querySelectorAll("input")) {
    box.checked = shown.includes(box.value);
    box.disabled = box.checked && shown.length === 1;
  }
  showGroups();
}

function makeChooser() {
  element("chooser").hidden = models.length < 2;
  for (const { name, summary } of models) {
    const label = document.createElement("label"), box = document.createElement("input");
    [box.type, box.value, label.title] = ["checkbox", name, summary];
    label.append(box, name);
    box.addEventListener("change", () => {
      show(box.checked ? [...shown, name] : shown.filter((one) => one !== name));
      settle();
    });
    element("chooser").append(label);
  }
}

// ---- taking it along --------------------------------------------------------------------------------

async function copyLink() {
  writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    note("The address is copied. It holds the drawing: whoever opens this page with it sees it.");
  } catch {
    note(`The address of this page holds the drawing: what stands in it from ${written.slice(0, 12)}… on.`);
  }
}

async function savePicture() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await pictureFile(drawing));
  link.download = "digit.png";
  link.click();
  URL.revokeObjectURL(link.href);
  note(`Ask the real one: zoo predict ${shown[0]} digit.png`);
}

// Take up what stands behind the # of the address.
function readAddress() {
  if (location.hash === written && written) return;
  const { start, strokes, shown: names } = readFragment(location.hash);
  const example = start && exampleOf(start.pool, start.row);
  show(names ?? facts.shown);
  draw(example, strokes ?? []);
  if (start && !example) note("The digit that the drawing began with is not in this page.");
  if (!strokes) note("The address holds no drawing that this page can read.");
}

makeChooser();
drawByPointer(element("pad"));
drawByKeys(element("pad"));
element("undo").addEventListener("click", undo);
element("clear").addEventListener("click", clear);
element("pen").addEventListener("click", () => useEraser(false));
element("eraser").addEventListener("click", () => useEraser(true));
element("copy").addEventListener("click", copyLink);
element("save").addEventListener("click", savePicture);
element("groups").addEventListener("change", showGroup);
element("lacks").hidden = facts.pools.some(({ shape }) => shape[0] === MNIST_SIDE) ||
  models.every(({ shape }) => shape[0] !== MNIST_SIDE);
element("made").textContent = `Made by zoo ${facts.zoo}. Test digits: ${licences()}.`;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
addEventListener("resize", refresh);
addEventListener("hashchange", readAddress);
readAddress();

function licences() {
  return facts.pools.map(({ title, licence }) => `${title} (${licence})`).join(", ");
}
