// A picture that all follow: the stage's own script draws it; messages come from the room instead of a kernel.
"use strict";

// A file that did not come is asked for by another name: a browser may remember that it failed.
let tries = 0;
const stageScript = () => (document.getElementById("stage-style") ?? document.head.append(
  element("link", { id: "stage-style", rel: "stylesheet", href: "/stage.css" })), import(`/stage.js?${tries}`));

// A place on the page where a stage is drawn. `ask` asks the room for the whole picture.
class Followed {
  constructor(box, ask) {
    Object.assign(this, { box, ask, turn: Promise.resolve() });
  }

  // One message after another: the first waits for the script. What failed is asked for again, whole.
  take(messages) {
    this.turn = this.turn.then(stageScript).then((script) => messages.forEach((one) => this.one(script, one)))
      .catch(() => { tries++; setTimeout(() => this.stopped || this.ask(), 1000); });
  }

  one(script, state) {
    const read = JSON.parse(JSON.stringify(state), script.fromBase64);
    if (this.model) Object.entries(read).forEach(([name, value]) => this.model.set(name, value));
    else if (read._scene) this.begin(script, read);
  }

  begin({ PlainModel, initialize, render }, state) {
    this.model = new PlainModel(state);
    let ready = false;
    this.model.send = ({ type }) => ready && type === "hello" && this.ask();
    this.leave = initialize({ model: this.model });
    ready = true;
    const remove = render({ model: this.model, el: this.box });
    this.close = () => { this.leave(); remove(); this.model = null; };
  }

  stop() {
    this.stopped = true;
    this.turn = this.turn.then(() => this.close?.());
  }
}

// A picture of one's own: each control goes to the setting that was worked out ahead and is nearest.
class Own {
  constructor(box, panel) {
    Object.assign(this, { box, panel, drawn: new Followed(box, () => {}) });
  }

  async open() {
    const script = await stageScript(), answer = await fetch("/loose");
    if (!answer.ok) throw new Error("no states");
    const { state, knobs, settings } = JSON.parse(await answer.text());
    if (this.closed) return; // the class has moved on meanwhile
    this.settings = settings;
    this.drawn.one(script, state);
    this.knobs = knobs.map((knob, place) => this.knob(knob, place));
    const back = element("button", { type: "button" }, "Back to the start");
    back.addEventListener("click", () => this.show(0));
    this.panel.replaceChildren(...this.knobs.map((knob) => knob.node), back);
    this.show(0);
  }

  knob({ label, kind, texts }, place) {
    if (kind === "slider") {
      const move = (value) => this.turn(place, value);
      return ladder(label, texts, move);
    }
    if (kind === "button") {
      const node = element("button", { type: "button" }, label);
      node.addEventListener("click", () => this.turn(place, (this.now.at[place] + 1) % texts.length));
      return { node, set() {} };
    }
    return chips(`own ${place}`, label, texts, (value) => this.turn(place, value));
  }

  turn(place, value) {
    const like = (one) => one.at.filter((at, k) => at === this.now.at[k]).length;
    const those = this.settings.map((one, k) => k).filter((k) => this.settings[k].at[place] === value);
    this.show(those.reduce((best, k) => (like(this.settings[k]) > like(this.settings[best]) ? k : best)));
  }

  show(k) {
    this.now = this.settings[k];
    for (const [name, value] of Object.entries({ index: k, _source: "table", alt: this.now.alt, status: this.now.status })) this.drawn.model.set(name, value);
    this.knobs.forEach((knob, place) => knob.set(this.now.at[place]));
  }

  close() {
    this.closed = true;
    this.drawn.close?.();
  }
}

// -- controls: each has a node, and `set` shows what somebody else has set -------------------------

// A slider over places in a list of texts.
function ladder(label, texts, move) {
  return slide(label, { min: 0, max: texts.length - 1, step: 1 }, (value) => texts[value], move);
}

function slide(label, ends, words, move) {
  const input = element("input", { type: "range", "aria-label": label, ...ends }), output = element("output");
  const tell = () => {
    output.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  let touched = -1e9;
  input.addEventListener("input", () => { touched = performance.now(); tell(); move(Number(input.value)); });
  const set = (value) => {
    if (performance.now() - touched < 1000) return; // a hand is on it
    input.value = value;
    tell();
  };
  return { node: element("div", { class: "slide" }, element("span", {}, label, " ", output), input), set };
}

// Buttons of which one is down.
function chips(name, label, texts, move) {
  const inputs = texts.map((_, k) => element("input", { type: "radio", name }));
  inputs.forEach((input, k) => input.addEventListener("change", () => move(k)));
  const labels = texts.map((text, k) => element("label", {}, inputs[k], element("span", {}, text)));
  const wide = texts.join("").length > 15 ? "wide" : null; // more than half of the panel holds in one row
  const node = element("fieldset", { class: wide }, element("legend", {}, label), element("div", { class: "choices" }, ...labels));
  return { node, set: (value) => inputs.forEach((input, k) => { input.checked = k === value; }) };
}

// A list that folds out, where buttons would take too much room.
function list(label, texts, move) {
  const select = element("select", {}, ...texts.map((text, k) => element("option", { value: k }, text)));
  select.addEventListener("change", () => move(Number(select.value)));
  return { node: element("label", {}, element("span", { class: "quiet" }, label), select), set: (value) => { select.value = value; } };
}
