// The projector: the room's answers as marks, and the teacher's controls.
"use strict";
const at = (id) => document.getElementById(id);
const W = 1000;
let H = 640, now = null, drawnFor = "", knobs = [], followed = null, followedKey = "", named = false, large = false, begun = false;

const send = connect(`${location.pathname}/socket`, null, hear, (there) => {
  if (!there) at("phones").textContent = "The server is away; this page waits for it.";
});
at("record").href = `${location.pathname}/record.html`;
at("table").href = `${location.pathname}/record.csv`;

function hear(wall) {
  if (wall.refused) { refuse(wall.refused); return; }
  if (wall.picture) { followed?.take(wall.picture); return; }
  now = wall;
  at("title").textContent = wall.title;
  document.title = `${wall.title} · wall`;
  at("sentence").replaceChildren(...withCode(wall.about.sentence ?? (wall.kind === "exercise" ? wall.about.question : "")));
  at("join").textContent = at("address").textContent = wall.join.replace(/^https?:\/\//, "");
  at("notebook").textContent = `In a notebook: hlm.join("${at("join").textContent}/${wall.word}")`;
  const answered = wall.kind === "follow" ? "" : `, ${wall.count} answered`;
  put(at("phones"), `${wall.phones} ${wall.phones === 1 ? "phone is" : "phones are"} in${answered}`);
  menu(wall);
  buttons(wall);
  welcome(wall);
  if (wall.kind === "follow") follow(wall);
  else {
    leave();
    settings(wall);
    at("picture").replaceChildren(picture(wall));
  }
  count(wall);
}

// The way in stands large until somebody has answered, and whenever the teacher wants it.
function welcome(wall) {
  begun ||= wall.count > 0;
  const first = wall.kind !== "follow" && !begun;
  at("welcome").hidden = !large && !first;
  at("picture").hidden = large || first;
  at("waiting").textContent = first ? "Nobody has answered yet." : "";
  at("code").setAttribute("aria-pressed", large);
}

// It stands long enough to be read, whatever else comes meanwhile.
let reading = 0;
function refuse(words) {
  at("refused").textContent = words;
  clearTimeout(reading);
  reading = setTimeout(() => { at("refused").textContent = ""; }, 10000);
}

// -- a widget that all follow ------------------------------------------------------------------------

function follow(wall) {
  if (followedKey !== wall.key) {
    leave();
    followedKey = wall.key;
    at("picture").replaceChildren();
    followed = new Followed(at("picture"), () => send({ picture: "whole" }));
  }
  const wanted = JSON.stringify([wall.key, wall.controls.map(({ value, ...rest }) => rest)]);
  if (drawnFor !== wanted) {
    drawnFor = wanted;
    const shown = wall.controls.filter(({ name }) => name !== "seed");
    knobs = shown.map((control) => ({ name: control.name, ...knob(control, mover(control.name)) }));
    at("settings").replaceChildren(...knobs.map(({ node }) => node));
  }
  const values = Object.fromEntries(wall.controls.map(({ name, value }) => [name, value]));
  for (const { name, set } of knobs) set(values[name]);
  if (wall.broken) at("picture").textContent = wall.broken;
}

function leave() {
  followed?.stop();
  followed = null;
  followedKey = "";
}

function knob({ name, label, kind, texts, low, high, step }, move) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step ?? 1) - 1e-9));
  if (kind === "number") return slide(label, { min: low, max: high, step }, (value) => value.toFixed(digits), move);
  if (kind === "range") return ladder(label, texts, move);
  return (texts.join("").length > 48 ? list(label, texts, move) : chips(name, label, texts, move));
}

// Tells the room where a slider is: at most every 70 ms, the last place always.
const PAUSE = 70;
function mover(name) {
  let timer = 0, last = 0, value = null;
  const tell = () => { last = performance.now(); timer = 0; send({ do: "move", name, value }); };
  return (place) => {
    value = place;
    timer ||= setTimeout(tell, Math.max(0, PAUSE - (performance.now() - last)));
  };
}

function menu(wall) {
  const keys = JSON.stringify(wall.menu);
  if (at("menu").dataset.keys !== keys) {
    at("menu").dataset.keys = keys;
    at("menu").replaceChildren(...wall.menu.map(([key, , title]) => element("option", { value: key }, title.slice(0, 90))));
  }
  at("menu").value = wall.key;
}

function buttons(wall) {
  const study = wall.kind === "study", follows = wall.kind === "follow";
  at("show").hidden = study || follows;
  at("truth").hidden = study || follows || wall.kind === "exercise";
  at("loose").hidden = !follows || !wall.controls.length;
  at("loose").setAttribute("aria-pressed", Boolean(wall.loose));
  at("loose").textContent = wall.loose ? "Bring everybody back" : "Let everybody move it";
  at("names").hidden = !wall.names?.some(Boolean);
  at("names").setAttribute("aria-pressed", named);
  at("names").textContent = named ? "Hide the names" : "Show the names";
  at("again").hidden = follows && !wall.controls.some(({ name }) => name === "seed");
  at("show").setAttribute("aria-pressed", wall.shown);
  at("show").textContent = wall.shown ? "Hide the answers" : "Show the answers";
  at("truth").setAttribute("aria-pressed", wall.told);
  at("truth").textContent = wall.told ? "Hide the truth" : "Show the truth";
  at("again").textContent = follows ? "New sample" : study ? "All draw again" : "Ask again";
}

// What stands is kept and set anew, so that a keyboard stays where it is.
function settings(wall) {
  if (drawnFor !== wall.key) {
    drawnFor = wall.key;
    knobs = Object.entries(wall.settings ?? {}).map(([name, { label, choices }]) => {
      const [texts, values] = [0, 1].map((k) => choices.map((choice) => choice[k]));
      return { name, values, ...chips(name, label, texts, (k) => send({ do: "set", name, value: values[k] })) };
    });
    at("settings").replaceChildren(...knobs.map(({ node }) => node));
  }
  for (const { name, values, set } of knobs) set(values.indexOf(wall.state[name]));
}

const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

function count(wall) {
  const share = wall.share;
  const known = wall.kind === "study" && wall.count > 0;
  put(at("big"), !known ? "" : wall.study === "groups" ? percent(wall.kept) : percent(share.count / share.n));
  at("words").textContent = known ? wall.words : "";
  at("margin").textContent = !known || !share ? "" : `${share.count} of ${share.n}` +
    (wall.promised === null ? "" : ` · promised ${percent(wall.promised)}`) + `\ndoubt of the count ±\u00a0${percent(share.margin)}`;
  if (wall.told && wall.because) at("words").textContent = wall.because;
}

// Fills what the page leaves for it; letters keep their share of its width.
function picture(wall) {
  const { width, height } = at("picture").getBoundingClientRect();
  H = width && height > 200 ? Math.min(900, Math.max(420, (W * height) / width)) : 640;
  if (wall.kind === "exercise") return wall.shown ? mistakes(wall) : waiting(wall);
  if (wall.kind !== "study") return wall.kind === "choice" ? bars(wall) : guesses(wall);
  if (!wall.marks.length) return waiting(wall);
  return { intervals, alarms, groups, choices }[wall.study](wall);
}

function waiting(wall) {
  const options = Object.entries(wall.about.options ?? {}).map(([letter, text]) => element("li", {}, ...withCode(`${letter}) ${text}`)));
  if (options.length) return element("ul", { class: "list" }, ...options);
  return element("p", {}, wall.kind === "study" ? "Waiting for the first study." : `${wall.count} have answered. Nothing is shown yet.`);
}

function guesses(wall) {
  const { low, high, unit } = wall.about;
  const svg = canvas(W, H, `${wall.count} guesses`);
  const x = scale(low, high, 40, W - 40);
  axis(svg, x, low, high, H - 60);
  if (wall.shown) pile(svg, x, wall.answers, H - 62, H - 150);
  else svg.append(shape("text", { x: W / 2, y: H / 2, "text-anchor": "middle", "font-size": 40 }, wall.count === 1 ? "1 guess is in" : `${wall.count} guesses are in`));
  if (wall.told && typeof wall.truth === "number") {
    truthLine(svg, x, Math.min(high, Math.max(low, wall.truth)), `${wall.truth.toFixed(wall.about.digits)} ${unit}`, 44, H - 60, 36);
  }
  return svg;
}

function bars(wall) {
  const svg = canvas(W, H, `${wall.count} answers`);
  const counts = wall.about.options.map((option) => (wall.answers ?? []).filter((one) => one === option).length);
  const most = Math.max(1, ...counts);
  const step = Math.min(170, H / wall.about.options.length), thick = Math.max(24, step - 92);
  wall.about.options.forEach((option, k) => {
    const y = 10 + k * step, right = wall.told && option === wall.truth;
    svg.append(shape("text", { x: 0, y: y + 30, "font-size": 32, "font-weight": right ? 700 : 400 }, `${right ? "✓ " : ""}${option}`));
    if (wall.shown) {
      svg.append(shape("rect", { class: `bar${wall.told && !right ? " other" : ""}`, x: 0, y: y + 46, width: Math.max(2, (counts[k] / most) * 880), height: thick, rx: 4 }));
      svg.append(shape("text", { x: (counts[k] / most) * 880 + 14, y: y + 57 + thick / 2, "font-size": 32 }, String(counts[k])));
    }
  });
  return svg;
}

function mistakes(wall) {
  return element("ul", { class: "list" }, ...wall.mistakes.map(({ status, text, count, said }) => {
    const why = said ? [...withCode(said), element("span", { class: "why quiet" }, ...withCode(text))] : withCode(text);
    return element("li", {}, element("span", { class: "count" }, `${status === "right" ? "✓ " : ""}${count}`), ...why);
  }));
}

// The newest results stand below; more than fit are drawn closer together.
function rows(wall) {
  const step = Math.min(26, (H - 100) / wall.marks.length);
  return (k) => 44 + step * (k + 0.5);
}

function intervals(wall) {
  const svg = canvas(W, H, `${wall.share.n} intervals, ${wall.share.count} hold the truth`);
  const reach = Math.max(...wall.marks.map((mark) => Math.max(wall.truth - mark.low, mark.high - wall.truth)));
  const half = Math.min(reach, 4 * median(wall.marks.map((mark) => mark.high - mark.low)));
  const x = scale(wall.truth - half, wall.truth + half, 20, W - 20), y = rows(wall);
  const inside = (value) => Math.max(0, Math.min(W, x(value)));
  truthLine(svg, x, wall.truth, `truth ${wall.truth.toFixed(2)}`, 36, H - 44);
  wall.marks.forEach((mark, k) => {
    const kind = mark.miss ? "miss" : "hit";
    svg.append(shape("line", { class: kind, x1: inside(mark.low), x2: inside(mark.high), y1: y(k), y2: y(k) }));
    svg.append(shape("circle", { class: `dot ${kind}`, cx: inside(mark.estimate), cy: y(k), r: mark.miss ? 5 : 3.5 }));
  });
  axis(svg, x, wall.truth - half, wall.truth + half, H - 44);
  return svg;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function alarms(wall) {
  const svg = canvas(W, H, `${wall.share.n} studies, ${wall.share.count} false alarms`);
  const most = Math.max(0.5, ...wall.marks.map((mark) => Math.abs(mark.estimate)));
  const x = scale(-most, most, 40, W - 40);
  truthLine(svg, x, 0, "truth: no effect", 36, H - 80);
  axis(svg, x, -most, most, H - 80);
  const order = [...wall.marks].sort((a, b) => Number(a.miss) - Number(b.miss));
  pile(svg, x, order.map((mark) => mark.estimate), H - 82, H - 140, (k) => `dot${order[k].miss ? " miss" : ""}`, x(0));
  svg.append(shape("text", { x: W / 2, y: H - 10, "text-anchor": "middle", "font-size": 24 }, "difference found between trained and untrained groups"));
  return svg;
}

function groups(wall) {
  const svg = canvas(W, H, `${wall.marks.length} groups: own means above, pulled means below`);
  const all = wall.marks.flatMap((mark) => [mark.own, mark.pulled]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = scale(low, high, 40, W - 40), [top, bottom] = [140, H - 140];
  truthLine(svg, x, wall.truth, `the room's mean ${wall.truth.toFixed(2)}`, 36, H - 50);
  for (const mark of wall.marks) {
    svg.append(shape("line", { class: "pull", x1: x(mark.own), x2: x(mark.pulled), y1: top, y2: bottom }));
    svg.append(shape("circle", { class: "own", cx: x(mark.own), cy: top, r: 9 }));
    svg.append(shape("circle", { class: "dot", cx: x(mark.pulled), cy: bottom, r: 9 }));
  }
  if (named) names(svg, x, wall, top - 24);
  svg.append(shape("text", { x: 0, y: top - 24, "font-size": 24 }, "own means"));
  svg.append(shape("text", { x: 0, y: bottom + 44, "font-size": 24 }, "pulled means"));
  axis(svg, x, low, high, H - 50);
  return svg;
}

const ruler = document.createElement("canvas").getContext("2d");
function wide(text, size) {
  ruler.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

// Those furthest from the room's mean first; who finds no place in three rows is left out.
function names(svg, x, wall, y) {
  const far = (k) => Math.abs(wall.marks[k].own - wall.truth);
  const taken = [[[-W, 150]], [], []]; // "own means" stands in the first row
  const texts = shape("g");
  for (const k of wall.names.map((_, k) => k).filter((k) => wall.names[k]).sort((a, b) => far(b) - far(a))) {
    const text = shape("text", { class: "name", "text-anchor": "middle", "font-size": 22 }, wall.names[k]);
    const half = wide(wall.names[k], 22) / 2 + 8, at = Math.min(W - half, Math.max(half, x(wall.marks[k].own)));
    const row = taken.findIndex((those) => those.every(([low, high]) => at + half < low || at - half > high));
    if (row < 0) continue;
    taken[row].push([at - half, at + half]);
    text.setAttribute("x", at);
    text.setAttribute("y", y - 26 * row);
    svg.append(shape("line", { class: "axis", x1: x(wall.marks[k].own), x2: x(wall.marks[k].own), y1: y - 26 * row, y2: y + 15 }));
    texts.append(text);
  }
  svg.append(texts);
}

function choices(wall) {
  const svg = canvas(W, H, `${wall.share.n} data sets, ${wall.share.count} choose groups`);
  const most = 20, gains = wall.marks.map((mark) => Math.max(-3, Math.min(most, mark.gain)));
  const end = gains.includes(most) ? ` (${most}: or more)` : "";
  const x = scale(-3, Math.max(4, ...gains), 40, W - 40);
  truthLine(svg, x, 0, "no preference", 36, H - 80);
  pile(svg, x, gains, H - 82, H - 140, (k) => `dot${wall.marks[k].miss ? " miss" : ""}`, x(0));
  axis(svg, x, -3, Math.max(4, ...gains), H - 80);
  svg.append(shape("text", { x: W / 2, y: H - 10, "text-anchor": "middle", "font-size": 24 }, `how much lower AIC is with groups in the model${end}`));
  return svg;
}

at("menu").addEventListener("change", () => send({ do: "open", key: at("menu").value }));
at("show").addEventListener("click", () => send({ do: "show", on: !now.shown }));
at("truth").addEventListener("click", () => send({ do: "truth", on: !now.told }));
at("code").addEventListener("click", () => { large = !large; hear(now); });
addEventListener("resize", () => now && now.kind !== "follow" && hear(now));
at("names").addEventListener("click", () => { named = !named; hear(now); });
at("again").addEventListener("click", () => send(now.kind === "follow" ? { do: "move", name: "seed" } : { do: "again" }));
at("loose").addEventListener("click", () => send({ do: "loose", on: !now.loose }));
