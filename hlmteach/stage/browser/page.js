// Small parts of a page: elements, buttons, icons; and how a view tells the model.

const SVG = "http://www.w3.org/2000/svg";

let ids = 0;
const newId = (what) => `stage-${what}-${Date.now().toString(36)}-${ids++}`; // no other on the page

function element(tag, className, attributes = {}) {
  return attributed(Object.assign(document.createElement(tag), { className }), attributes);
}

const svgElement = (tag, attributes = {}) => attributed(document.createElementNS(SVG, tag), attributes);

function attributed(node, attributes) {
  Object.entries(attributes).forEach((pair) => node.setAttribute(...pair));
  return node;
}

const ICONS = {
  start: "M1 1h2v12H1zM8 1v12L3 7zM13 1v12L8 7z",
  back: "M9 1v12L2 7zM11 1h2v12h-2z",
  play: "M2 1l11 6-11 6z",
  pause: "M2 1h4v12H2zM8 1h4v12H8z",
  forward: "M1 1h2v12H1zM5 1l7 6-7 6z",
  end: "M1 1v12l5-6zM6 1v12l5-6zM11 1h2v12h-2z",
};

function button(icon, label, onClick) {
  const node = element("button", "", { type: "button" });
  node.addEventListener("click", onClick);
  relabel(node, icon, label);
  return node;
}

function relabel(node, icon, label) {
  if (node.title === label) return;
  node.innerHTML = `<svg viewBox="0 0 14 14" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  node.setAttribute("aria-label", label);
  node.title = label;
}

function tell(model, changes) {
  Object.entries(changes).forEach((pair) => model.set(...pair));
  model.save_changes();
}
