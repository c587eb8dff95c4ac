// Search over the lessons' text, which search.js holds: no server, no network.
const form = document.getElementById("search");
const box = document.getElementById("words");
const found = document.getElementById("found");
const MOST = 12;
form.hidden = false;

function passages(words) {
  const hits = [];
  for (const passage of window.SEARCH) {
    const low = `${passage.heading} ${passage.text}`.toLowerCase();
    if (words.every((word) => low.includes(word))) hits.push(passage);
  }
  return hits;
}

// What stands around the first of the words, from the start of a word.
function around(text, words) {
  const places = words.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0);
  const from = places.length ? Math.max(0, Math.min(...places) - 60) : 0;
  const start = from && text.indexOf(" ", from) + 1;
  return `${start ? "… " : ""}${text.slice(start, start + 160)}${text.length > start + 160 ? " …" : ""}`;
}

function line(hit, words) {
  const node = document.createElement("p"), link = document.createElement("a");
  link.href = `${hit.page}#${encodeURIComponent(hit.anchor)}`;
  link.textContent = hit.heading === hit.title ? hit.title : `${hit.title}: ${hit.heading}`;
  link.addEventListener("click", close);
  node.append(link, document.createElement("br"), around(hit.text, words));
  return node;
}

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length ? passages(words) : [];
  found.replaceChildren(...hits.slice(0, MOST).map((hit) => line(hit, words)));
  if (hits.length > MOST) found.append(`${hits.length - MOST} more: add a word to find fewer.`);
  if (words.length && !hits.length) found.textContent = "No lesson has these words.";
}

function close() {
  box.value = "";
  show();
}

box.addEventListener("input", show);
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});

// A guess first, the truth after it: in words, and both on one line.
const SVG = "http://www.w3.org/2000/svg", WIDE = 440, EDGE = 30, LINE = 40;

function drawn(name, attributes, text = "") {
  const node = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach((pair) => node.setAttribute(...pair));
  node.textContent = text;
  return node;
}

function numberLine(low, high, guess, truth, texts) {
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} 80`, class: "number-line", "aria-hidden": "true" });
  const at = (value) => EDGE + ((WIDE - 2 * EDGE) * (value - low)) / (high - low);
  const inside = (x) => Math.max(70, Math.min(WIDE - 70, x)), [x, t] = [at(guess), at(truth)];
  svg.append(
    drawn("line", { x1: EDGE, x2: WIDE - EDGE, y1: LINE, y2: LINE, class: "axis" }),
    drawn("line", { x1: x, x2: t, y1: LINE, y2: LINE, class: "miss" }),
    drawn("circle", { cx: x, cy: LINE, r: 7, class: "guess" }),
    drawn("path", { d: `M${t} ${LINE - 9}l8 9-8 9-8-9z`, class: "truth" }),
    drawn("text", { x: inside(x), y: LINE - 16 }, texts[0]),
    drawn("text", { x: inside(t), y: LINE + 28 }, texts[1]),
  );
  return svg;
}

function predict(ask) {
  const { told, truth, digits, unit } = ask.dataset, isNumber = truth !== undefined;
  const words = (value) => (isNumber ? `${(+value).toFixed(digits).replace("-", "−")} ${unit}`.trim() : value);
  const range = ask.querySelector("input[type=range]"), said = ask.querySelector("[role=status]");
  const read = () => {
    ask.querySelector("output").value = words(range.value);
    range.setAttribute("aria-valuetext", words(range.value));
  };
  ask.nextElementSibling.hidden = true;
  ask.hidden = false;
  if (range) range.addEventListener("input", read), read();
  ask.addEventListener("submit", (event) => {
    event.preventDefault();
    const guess = ask.elements.guess.value;
    for (const part of ask.elements) part.disabled = true;
    if (!isNumber) {
      const isRight = told.startsWith(`It is ${guess}.`), it = told.slice("It is ".length);
      said.textContent = isRight ? `Right: ${it}` : `You said: ${guess}. It is: ${it}`;
      return;
    }
    said.textContent = `You said ${words(guess)}, i${told.slice(1)}`;
    const ends = [+range.min, +range.max, +truth];
    const texts = [`you: ${words(guess)}`, words(truth)];
    ask.append(numberLine(Math.min(...ends), Math.max(...ends), +guess, +truth, texts));
  });
}

document.querySelectorAll("form.predict").forEach(predict);

// A widget's card: each control goes to the setting that was worked out ahead and is nearest.
class Card {
  constructor(node) {
    this.node = node;
    this.settings = JSON.parse(node.querySelector(".ahead").textContent);
    this.models = [...node.querySelectorAll("[data-stage]")].map((stage) => stage.model);
    this.readout = node.querySelector(".readout");
    this.knobs = [...node.querySelectorAll("[data-knob]")].map((knob) => this.wake(knob));
    node.querySelector(".reset").addEventListener("click", () => this.show(0));
    for (const model of this.models) model.on("change:_source", () => model.get("_source") === "film" && this.tell(0));
    node.querySelector(".controls").hidden = false;
    this.tell(0);
  }

  wake(knob) {
    const place = +knob.dataset.knob, texts = JSON.parse(knob.dataset.texts);
    const range = knob.querySelector("input"), buttons = [...knob.querySelectorAll("button")];
    if (range) range.addEventListener("input", () => this.turn(place, +range.value));
    for (const one of buttons) one.addEventListener("click", () => this.turn(place, one.value ? +one.value : (this.now.at[place] + 1) % texts.length));
    return (at) => {
      if (range) {
        range.value = at;
        range.setAttribute("aria-valuetext", texts[at]);
        knob.querySelector("output").value = texts[at];
      }
      for (const one of buttons) if (one.value) one.setAttribute("aria-pressed", +one.value === at);
    };
  }

  // Of the settings in which this control says so, the one that is most like the present one.
  turn(place, value) {
    const like = (one) => one.at.filter((at, k) => at === this.now.at[k]).length;
    const those = this.settings.map((one, k) => k).filter((k) => this.settings[k].at[place] === value);
    this.show(those.reduce((best, k) => (like(this.settings[k]) > like(this.settings[best]) ? k : best)));
  }

  show(k) {
    for (const model of this.models) {
      const changes = { playing: false, index: k, _source: "table" };
      Object.entries(changes).forEach((pair) => model.set(...pair));
    }
    this.tell(k);
  }

  tell(k) {
    this.now = this.settings[k];
    this.node.classList.toggle("moved", k !== 0);
    for (const model of this.models) model.set("alt", this.now.alt), model.set("status", this.now.status);
    const open = this.readout.querySelector("details")?.open;
    this.readout.innerHTML = this.now.rows;
    if (open) this.readout.querySelector("details")?.setAttribute("open", "");
    this.knobs.forEach((knob, place) => knob(this.now.at[place]));
  }
}

// The stages come to life before this: their scripts wait for the page to be read.
document.addEventListener("DOMContentLoaded", () => {
  for (const ahead of document.querySelectorAll(".ahead")) new Card(ahead.closest("section"));
});
