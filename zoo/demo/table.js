// The page of a table: a field for each column, and the prediction for the row in the fields.

const facts = JSON.parse(document.getElementById("facts").textContent);
const steps = decodeSteps(facts.steps);
const find = (selector) => document.querySelector(selector);
const percent = (share) => `${(100 * share).toFixed(1)}%`;

// A field with its label: a choice for categories, else a number.
function field({ name, categories, start }) {
  const label = document.createElement("label"), text = document.createElement("span");
  text.textContent = name;
  const input = document.createElement(categories ? "select" : "input");
  if (categories) {
    input.append(...(facts.missing ? ["", ...categories] : categories).map((category) => {
      return new Option(category || "missing", category);
    }));
  } else {
    [input.type, input.step, input.value] = ["number", "any", start];
  }
  label.append(text, input);
  return label;
}

const fields = facts.columns.map(field);
const inputs = fields.map((label) => label.lastChild);

// The numbers of the row as the network takes them; NaN where a number is missing.
function rowOf(values) {
  const row = facts.columns.flatMap(({ categories }, place) => {
    if (categories) return categories.map((category) => Number(category === values[place]));
    return [values[place] === "" ? NaN : Number(values[place])];
  });
  return row.map((value, place) => Number.isNaN(value) ? facts.means[place] ?? NaN : value);
}

// The probabilities for these values of the columns; null while a number is missing.
function predictRow(values) {
  const row = rowOf(values);
  return row.some(Number.isNaN) ? null : predict(steps, facts.divide, Float32Array.from(row));
}

const bars = facts.classes.map((name) => {
  const item = document.createElement("li"), label = document.createElement("span");
  label.textContent = name;
  const bar = document.createElement("meter"), share = document.createElement("output");
  bar.setAttribute("aria-hidden", "true");
  item.append(label, bar, share);
  return item;
});

function update() {
  const answer = predictRow(inputs.map((input) => input.value));
  find("#answer").textContent = answer
    ? `${facts.classes[answer.label]}, ${percent(answer.probabilities[answer.label])}`
    : "Fill in every number.";
  bars.forEach((item, index) => {
    const share = answer ? answer.probabilities[index] : 0;
    const [, bar, text] = item.children;
    [bar.value, text.value] = [share, answer ? percent(share) : "–"];
    item.classList.toggle("is-answer", answer?.label === index);
  });
}

find("h1").textContent = `A row of ${facts.data}`;
find("h2").textContent = facts.name;
find(".about").textContent = `${facts.network}. ${facts.summary}`;
find("#row").append(...fields);
find("#row").addEventListener("input", update);
find("#row").addEventListener("submit", (event) => event.preventDefault());
find(".classes").append(...bars);
find("#made").textContent = `Made by zoo ${facts.zoo}.`;
update();
