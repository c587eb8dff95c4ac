// A guess and the truth on one line; without a guess, nothing.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 440, LEFT = 30, RIGHT = 410, LINE = 40;

function draw(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function render({ model, el }) {
  const words = Object.assign(document.createElement("div"), { className: "hlm-verdict" });
  words.setAttribute("role", "status");
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} 80`, class: "hlm-line", "aria-hidden": "true" });
  el.append(words, svg);

  function show() {
    const [low, high] = model.get("span"), marks = model.get("marks");
    words.textContent = model.get("verdict");
    svg.style.display = marks.length && high > low ? "" : "none";
    const at = (v) => LEFT + ((RIGHT - LEFT) * (v - low)) / (high - low);
    const [guess, truth] = marks.map(at), [guessText, truthText] = model.get("texts");
    svg.replaceChildren();
    if (svg.style.display) return;
    svg.append(draw("line", { x1: LEFT, x2: RIGHT, y1: LINE, y2: LINE, class: "hlm-axis" }));
    svg.append(draw("line", { x1: guess, x2: truth, y1: LINE, y2: LINE, class: "hlm-miss" }));
    svg.append(draw("circle", { cx: guess, cy: LINE, r: 7, class: "hlm-guess" }));
    svg.append(draw("path", { d: `M${truth} ${LINE - 9}l8 9-8 9-8-9z`, class: "hlm-truth" }));
    const inside = (x) => Math.max(70, Math.min(WIDTH - 70, x));
    svg.append(draw("text", { x: inside(guess), y: LINE - 18, "text-anchor": "middle" }, guessText));
    svg.append(draw("text", { x: inside(truth), y: LINE + 28, "text-anchor": "middle" }, truthText));
  }

  const names = ["change:marks", "change:verdict"];
  names.forEach((name) => model.on(name, show));
  show();
  return () => names.forEach((name) => model.off(name, show));
}

export default { render };
