// Shapes that wall and phone share: plain SVG, no library. Numbers come from the server, never markup.
"use strict";
const NS = "http://www.w3.org/2000/svg";

function shape(tag, attributes = {}, text = null) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
}

function canvas(width, height, label) {
  return shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Tells a screen reader only what is new.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Text in which `code` stands between backticks.
function withCode(text) {
  return text.split("`").map((part, k) => (k % 2 ? element("code", {}, part) : part));
}

// A linear scale from data to pixels, with a little air on both sides.
function scale(low, high, from, to) {
  const air = 0.04 * (high - low || 1);
  return (value) => from + ((value - low + air) / (high - low + 2 * air)) * (to - from);
}

// Round numbers for an axis.
function ticks(low, high, most = 6) {
  const rough = (high - low || 1) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((one) => one >= rough);
  const places = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) places.push(Number((k * step).toPrecision(10)));
  return places;
}

function axis(svg, x, low, high, y, size = 24) {
  svg.append(shape("line", { class: "axis", x1: x(low), x2: x(high), y1: y, y2: y }));
  for (const at of ticks(low, high)) {
    svg.append(shape("line", { class: "axis", x1: x(at), x2: x(at), y1: y, y2: y + 6 }));
    svg.append(shape("text", { x: x(at), y: y + 8 + size, "text-anchor": "middle", "font-size": size }, String(at).replace("-", "−")));
  }
}

function truthLine(svg, x, at, label, top, bottom, size = 28) {
  svg.append(shape("line", { class: "truth", x1: x(at), x2: x(at), y1: top, y2: bottom }));
  svg.append(shape("text", { x: x(at), y: top - 8, "text-anchor": "middle", "font-size": size, "font-weight": 700 }, label));
}

// Dots on a line, piled up where they meet: as large as fit, and closer where even small ones do not.
// None lies across the edge.
function pile(svg, x, values, y, room, classes = () => "dot", edge = 0) {
  const bins = (r) => values.map((value) => Math.floor((x(value) - edge) / (2 * r)));
  const tallest = (r) => {
    const counts = {};
    for (const bin of bins(r)) counts[bin] = (counts[bin] ?? 0) + 1;
    return Math.max(1, ...Object.values(counts));
  };
  const r = [18, 15, 13, 11, 9, 7, 5].find((one) => 2 * one * tallest(one) <= room) ?? 4;
  const step = Math.min(2 * r, room / tallest(r));
  const heights = new Map();
  bins(r).forEach((bin, k) => {
    const level = heights.get(bin) ?? 0;
    heights.set(bin, level + 1);
    svg.append(shape("circle", { class: classes(k), cx: edge + (2 * bin + 1) * r, cy: y - r - 2 - level * step, r }));
  });
}

// One voice per browser: a random token that stays on this device, or for this tab where nothing may stay.
function token(name) {
  try {
    const known = localStorage.getItem(name);
    if (known) return known;
    const fresh = random();
    localStorage.setItem(name, fresh);
    return fresh;
  } catch {
    return random();
  }
}

function random() {
  return [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A socket that comes back by itself, whatever happens to the network, the phone or the server.
function connect(path, hello, hear, state) {
  let wait = 500, socket = null, timer = 0, hidden = 0;
  const open = () => {
    clearTimeout(timer);
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.onopen = () => { wait = 500; state(true); if (hello) socket.send(JSON.stringify(hello)); };
    socket.onmessage = (event) => hear(JSON.parse(event.data));
    const tried = socket;
    setTimeout(() => { if (tried.readyState === 0) tried.close(); }, 10000); // no answer at all: try anew
    socket.onclose = () => { state(false); timer = setTimeout(open, wait + Math.random() * wait); wait = Math.min(2 * wait, 8000); };
  };
  open();
  const anew = () => {
    wait = 500;
    socket.onclose = null;
    socket.close();
    open();
  };
  // A phone that slept, or was in no network, may hold a socket that is dead and does not know it.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { hidden = Date.now(); return; }
    if (socket.readyState !== 1 || Math.abs(Date.now() - hidden) > 10000) anew();
  });
  addEventListener("online", anew);
  return (message) => {
    if (socket.readyState !== 1) return false;
    socket.send(JSON.stringify(message));
    return true;
  };
}
