// A phone: one question at a time, one answer, and what became of it.
"use strict";
const at = (id) => document.getElementById(id);
let now = null, asked = "", read = () => null, picture = null, own = null, name = "";

const send = connect("/phone", { token: token("hlmteach-voice") }, hear, (there) => {
  if (!there) at("said").textContent = "Not connected. This page comes back by itself.";
  else if (now) at("said").textContent = "";
});

function hear(view) {
  if (view.refused) { at("said").textContent = view.refused; return; }
  if (view.picture) { picture?.take(view.picture); return; }
  now = view;
  put(at("title"), view.title);
  at("sentence").replaceChildren(...withCode(view.about.sentence ?? view.about.question ?? ""));
  const question = `${view.key} ${view.round}`;
  if (question !== asked) {
    asked = question;
    leave();
    at("form").replaceChildren(...(view.kind === "follow" ? [] : fields(view)));
    at("said").textContent = "";
  }
  if (view.kind === "follow") { follow(view); return; }
  say((view.words ?? "") + (typeof view.pulled === "number" ? ` The room pulls it to ${view.pulled.toFixed(2)}.` : ""));
  at("picture").replaceChildren(...(view.dots ? [data(view)] : []));
  after(view);
}

// What was found stands out in its sentence.
function say(words) {
  if (at("words").textContent === words) return;
  const parts = words.split(/([+−-]?\d*\.\d+)/);
  at("words").replaceChildren(...parts.map((part, k) => (k % 2 ? element("b", {}, part) : part)));
}

// The teacher's picture; or one's own, as long as everybody may move it.
function follow(view) {
  if (!picture) {
    at("picture").replaceChildren(element("div", { id: "theirs" }), element("div", { id: "own", hidden: true }));
    picture = new Followed(at("theirs"), () => send({ picture: "whole" }));
  }
  const whose = view.loose ? "Now it is yours: move it. Nobody sees what you do here." : "Your teacher moves this picture.";
  say(view.broken ? "This picture cannot be shown here." : whose);
  at("theirs").hidden = view.loose;
  at("own").hidden = !view.loose;
  if (view.loose && !own) {
    const mine = own = new Own(at("own"), at("form"));
    mine.open().then(() => { if (own === mine) at("said").textContent = ""; }, () => {
      if (own !== mine) return;
      own = null;
      at("said").textContent = "Your own picture did not come. Wait a moment, or open this page again.";
    });
  }
  at("form").hidden = !view.loose;
}

function leave() {
  picture?.stop();
  own?.close();
  picture = own = null;
  at("form").hidden = false;
  at("picture").replaceChildren();
}

function after(view) {
  const answered = view.mine !== null && view.mine !== undefined;
  const submit = at("form").querySelector("button"), told = view.truth !== undefined && view.truth !== null;
  for (const field of at("form").elements) field.disabled = told;
  if (view.kind === "study") {
    submit.disabled = answered;
    submit.textContent = answered ? "✓ It is on the wall" : "Send to the wall";
    for (const field of at("form").querySelectorAll(".name")) field.hidden = answered;
    if (view.name) at("said").textContent = `Your teacher can show it as ${view.name}.`;
  } else if (told) {
    at("said").textContent = `${answered ? `You said ${shown(view.mine, view)}. ` : ""}It is ${shown(view.truth, view)}. ${view.because}`;
  } else if (answered) {
    at("said").textContent = `Sent: ${shown(view.mine, view)}. You can change it as long as the question is open.`;
  }
}

function shown(value, view) {
  if (typeof value === "object") return "an answer from a notebook";
  return typeof value === "number" ? `${value.toFixed(view.about.digits)} ${view.about.unit}`.trim() : `“${value}”`;
}

function fields(view) {
  const submit = element("button", { type: "submit" }, view.kind === "study" ? "Send to the wall" : "Send");
  read = () => true;
  if (view.key === "study-groups") return [...naming(), submit];
  if (view.kind === "study") return [submit];
  if (view.kind === "guess") return [...slider(view), submit];
  if (view.kind === "choice") return [...options(view.about.options.map((text) => [text, text])), submit];
  const letters = Object.entries(view.about.options);
  if (letters.length) return [...options(letters, view.about.takes === "choices"), submit];
  const inputmode = view.about.takes === "number" ? "decimal" : "text";
  const input = element("input", { type: "text", id: "answer", maxlength: 200, inputmode, autocomplete: "off", autocapitalize: "none" });
  read = () => input.value.trim() || null;
  return [element("label", { for: "answer" }, `Your answer (${view.about.expected})`), input, submit];
}

// Where nobody can be wrong, a group may have a name.
function naming() {
  const input = element("input", { type: "text", id: "name", class: "name", maxlength: 16, autocomplete: "off", value: name });
  input.addEventListener("input", () => { name = input.value; });
  const words = "A name for your group, if you like. Your teacher can show it beside its mean.";
  return [element("label", { for: "name", class: "name quiet" }, words), input];
}

function slider(view) {
  const { low, high, digits, unit } = view.about, middle = (low + high) / 2;
  const input = element("input", { type: "range", id: "answer", min: low, max: high, step: 10 ** -digits, value: view.mine ?? middle, "aria-label": "Your guess" });
  const output = element("output", { for: "answer" });
  const show = () => { output.textContent = `${Number(input.value).toFixed(digits)} ${unit}`.trim(); };
  input.addEventListener("input", show);
  show();
  read = () => Number(input.value);
  return [output, input];
}

function options(pairs, many = false) {
  const inputs = pairs.map(([value]) => element("input", { type: many ? "checkbox" : "radio", name: "answer", value }));
  read = () => inputs.filter((input) => input.checked).map(({ value }) => value).join(", ") || null;
  const labels = pairs.map(([value, text], k) => element("label", {}, inputs[k], element("span", {}, ...withCode(value === text ? text : `${value}) ${text}`))));
  return [element("fieldset", {}, element("legend", {}, many ? "Choose all that hold" : "Choose one"), element("div", { class: "choices" }, ...labels))];
}

// One's own data as dots by group; below them the interval, or one's own mean and where it is pulled.
function data(view) {
  const [w, h] = [360, 240], values = view.dots.map((dot) => dot[1]);
  const numbers = view.numbers ?? {}, below = "low" in numbers || "own" in numbers;
  const limits = [numbers.low, numbers.high, view.pulled].filter((one) => typeof one === "number");
  const [low, high] = [Math.min(...values, ...limits), Math.max(...values, ...limits)];
  const groups = Math.max(...view.dots.map((dot) => dot[0])) + 1;
  const svg = canvas(w, h, "Your own data");
  const x = scale(low, high, 14, w - 14);
  const lane = (h - (below ? 80 : 40)) / groups;
  for (let k = 0; k < groups && groups > 1; k += 2) svg.append(shape("rect", { class: "lane", x: 0, y: 8 + lane * k, width: w, height: lane }));
  view.dots.forEach(([group, value], k) => {
    const shift = ((k * 7919) % 100) / 100 - 0.5;
    svg.append(shape("circle", { class: "dot", cx: x(value), cy: 8 + lane * (group + 0.5 + 0.7 * shift), r: groups > 12 ? 1.8 : groups > 1 ? 3 : 5 }));
  });
  if ("own" in numbers) {
    const own = x(numbers.own), pulled = x(view.pulled ?? numbers.own);
    svg.append(shape("line", { class: "pull", x1: own, x2: pulled, y1: h - 52, y2: h - 52 }), shape("circle", { class: "own", cx: own, cy: h - 52, r: 6 }));
    if (view.pulled !== undefined) svg.append(shape("circle", { class: "dot", cx: pulled, cy: h - 52, r: 6 }));
  } else if (below) {
    svg.append(shape("line", { class: "mine", x1: x(numbers.low), x2: x(numbers.high), y1: h - 52, y2: h - 52 }));
    svg.append(shape("circle", { class: "dot", cx: x(numbers.estimate), cy: h - 52, r: 6 }));
  }
  axis(svg, x, low, high, h - 30, 13);
  return svg;
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (now.kind === "follow") return;
  const value = read();
  if (value === null) { at("said").textContent = "Choose or type an answer first."; return; }
  const named = now.key === "study-groups" && name.trim() ? { name } : {};
  if (!send({ key: now.key, round: now.round, value, ...named })) at("said").textContent = "Not connected. Wait a moment, then send again.";
});
