// Draws the moving artists of a Stage over its still picture. Needs no kernel and no library.

const SVG = "http://www.w3.org/2000/svg";
const MANY = 400; // points; more than this go on a canvas
const LONE = 0.02; // seconds to a change that comes alone: two frames
const LONGEST = 0.15; // seconds to any change that nobody timed
const HEAD_START = 8; // ms; half a frame, so that the first frame already shows a move
const REACH = 14; // pixels from a point within which it can be taken hold of
const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");
// ---------------------------------------------------------------- states and patches

const floats = (view) =>
  view ? new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)) : new Float32Array(0);
const shorts = (view) =>
  view ? new Uint16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)) : new Uint16Array(0);

function changed(old, place, values, indices) {
  if (!place) return old;
  const [first, count, firstIndex] = place;
  const now = values.subarray(first, first + count);
  if (firstIndex === undefined) return now;
  const mixed = old.slice();
  for (let i = 0; i < count; i++) mixed[indices[firstIndex + i]] = now[i];
  return mixed;
}

function patched(state, patch, looks, values, indices) {
  const next = state.slice();
  const mine = (mark) => (next[mark] === state[mark] ? (next[mark] = (next[mark] || []).slice()) : next[mark]);
  for (const [mark, count] of patch.n) mine(mark).length = Math.min(count, mine(mark).length);
  for (const [mark, place, look, x, y] of patch.set) {
    const items = mine(mark), old = items[place] || {};
    items[place] = {
      look: look === null ? old.look : looks[look],
      x: changed(old.x, x, values, indices),
      y: changed(old.y, y, values, indices),
    };
  }
  return next;
}

const decoded = (scene) =>
  patched(scene.marks.map(() => []), scene.patch, scene.looks, floats(scene.values), shorts(scene.indices));

// Writes a state into the scene that the model holds, so that later views and the saved notebook have it.
function encode(state, scene) {
  const looks = [], set = [], n = [], arrays = [];
  let length = 0;
  const place = (array) => { arrays.push(array); length += array.length; return [length - array.length, array.length]; };
  state.forEach((items, mark) => {
    n.push([mark, items.length]);
    items.forEach((item, k) => {
      looks.push(item.look);
      set.push([mark, k, looks.length - 1, place(item.x), place(item.y)]);
    });
  });
  const values = new Float32Array(length);
  let at = 0;
  for (const array of arrays) { values.set(array, at); at += array.length; }
  Object.assign(scene, { looks, patch: { n, set }, values: new DataView(values.buffer), indices: new DataView(new ArrayBuffer(0)) });
}

function filmStates(film) {
  const values = floats(film.values), indices = shorts(film.indices);
  const states = [];
  for (const step of film.steps) states.push(patched(states.at(-1) || [], step, film.looks, values, indices));
  return states;
}

// ---------------------------------------------------------------- colours

function rgba(hex) {
  const part = (i) => parseInt(hex.slice(i, i + 2), 16);
  return [part(1), part(3), part(5), hex.length > 7 ? part(7) / 255 : 1];
}

// On a dark page what has no hue is turned round, black ink to light and white paper to dark; deep
// colours are lifted, so that words in them can be read.
function turner(red, green, blue) {
  const hue = Math.min(1, (Math.max(red, green, blue) - Math.min(red, green, blue)) / 40);
  const lift = Math.max(0, 0.55 - (0.3 * red + 0.59 * green + 0.11 * blue) / 255);
  return (c) => (c + (255 - c) * lift) * hue + (18 + (255 - c) * 0.83) * (1 - hue);
}

function css(color, dark) {
  if (!color) return "none";
  const [red, green, blue, opacity] = color;
  const ink = dark ? [red, green, blue].map(turner(red, green, blue)) : [red, green, blue];
  return `rgba(${ink.map(Math.round)},${+opacity.toFixed(3)})`;
}

async function darkened(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  URL.revokeObjectURL(image.src);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height), { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) continue;
    const turned = turner(data[i], data[i + 1], data[i + 2]);
    for (let j = i; j < i + 3; j++) data[j] = turned(data[j]);
  }
  pen.putImageData(pixels, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done));
  const dark = Object.assign(new Image(), { alt: "", draggable: false, src: URL.createObjectURL(blob) });
  await dark.decode();
  return dark;
}

function isDark(el) {
  const flag = document.body.dataset.jpThemeLight;
  if (flag !== undefined) return flag === "false";
  const [r, g, b] = getComputedStyle(el).color.match(/[\d.]+/g).map(Number);
  return 0.3 * r + 0.6 * g + 0.1 * b > 127; // light ink lies on a dark page
}

// ---------------------------------------------------------------- drawing one item

const TAKES = { M: 1, L: 1, Q: 2, C: 3, Z: 1 };
const parsedRuns = new Map();
function runs(text) {
  if (!parsedRuns.has(text)) {
    if (parsedRuns.size > 500) parsedRuns.clear();
    parsedRuns.set(text, [...text.matchAll(/([A-Z])(\d+)/g)].map(([, letter, count]) => [letter, +count]));
  }
  return parsedRuns.get(text);
}

const short = (v) => Math.round(v * 100) / 100;

// The path text of one part of an item, and where the next part begins.
function partPath(runList, x, y, i) {
  let d = "", gap = true;
  for (const [letter, count] of runList) {
    const step = TAKES[letter];
    for (let end = i + count; i < end; i += step) {
      if (letter === "Z") { d += gap ? "" : "Z"; gap = true; continue; } // nothing to close after NaN
      const last = i + step - 1;
      if (Number.isNaN(x[last]) || Number.isNaN(y[last])) { gap = true; continue; }
      if (gap || letter === "M") d += `M${short(x[last])} ${short(y[last])}`;
      else {
        d += letter;
        for (let j = i; j <= last; j++) d += `${short(x[j])} ${short(y[j])} `;
      }
      gap = false;
    }
  }
  return [d, i];
}

function partPaths({ look, x, y }) {
  const texts = [];
  for (let i = 0, k = 0; i < x.length; k++) {
    const [d, next] = partPath(runs(look.d[k % look.d.length]), x, y, i);
    if (next === i) break;
    texts.push(d);
    i = next;
  }
  return texts;
}

const nth = (list, i) => list[i % list.length];
const single = (look) => ["fill", "stroke", "w", "dash", "s"].every((key) => !look[key] || look[key].length === 1);

function setPen(node, look, i, scale, dark) {
  const dash = nth(look.dash, i), stroke = nth(look.stroke, i);
  node.setAttribute("fill", css(nth(look.fill, i), dark));
  node.setAttribute("stroke", css(stroke, dark));
  if (!stroke) return;
  node.setAttribute("stroke-width", nth(look.w, i) / scale);
  node.setAttribute("stroke-linecap", look.cap || "butt");
  node.setAttribute("stroke-linejoin", look.join || "round");
  if (dash) {
    node.setAttribute("stroke-dasharray", dash.slice(1).map((v) => v / scale).join(" "));
    node.setAttribute("stroke-dashoffset", dash[0] / scale);
  } else node.removeAttribute("stroke-dasharray");
}

function children(node, count, tag) {
  while (node.childNodes.length > count) node.lastChild.remove();
  while (node.childNodes.length < count) node.appendChild(document.createElementNS(SVG, tag));
  return node.childNodes;
}

// A hatch is a tile that repeats from the picture's top left, as matplotlib's does.
const hatchIds = new WeakMap();
function hatchFill(svg, { d, size, color, w }, dark) {
  const known = hatchIds.get(svg) || hatchIds.set(svg, new Map()).get(svg), ink = css(color && rgba(color), dark);
  const key = `${d} ${ink} ${w}`;
  if (!known.has(key)) {
    const pattern = svg.appendChild(document.createElementNS(SVG, "pattern"));
    pattern.id = `stage-hatch-${Date.now().toString(36)}-${ids++}`;
    Object.entries({ patternUnits: "userSpaceOnUse", width: size, height: size }).forEach((pair) => pattern.setAttribute(...pair));
    const lines = pattern.appendChild(document.createElementNS(SVG, "path"));
    Object.entries({ d, fill: ink, stroke: ink, "stroke-width": w }).forEach((pair) => lines.setAttribute(...pair));
    known.set(key, pattern.id);
  }
  return `url(#${known.get(key)})`;
}

const painters = {
  path(node, item, restyle, dark) {
    const texts = partPaths(item), { hatch } = item.look;
    const parts = single(item.look) ? [texts.join("")] : texts;
    const nodes = children(node, parts.length * (hatch ? 2 : 1), "path");
    parts.forEach((d, i) => {
      nodes[i].setAttribute("d", d);
      if (restyle) setPen(nodes[i], item.look, i, 1, dark);
      if (!hatch) return;
      const over = nodes[parts.length + i];
      over.setAttribute("d", d);
      over.setAttribute("stroke", "none");
      if (restyle) over.setAttribute("fill", hatchFill(node.ownerSVGElement, hatch, dark));
    });
  },
  points(node, { look, x, y }, restyle, dark) {
    const nodes = children(node, x.length, "path");
    for (let i = 0; i < x.length; i++) {
      const size = nth(look.s, i), gone = Number.isNaN(x[i]) || Number.isNaN(y[i]);
      nodes[i].setAttribute("transform", gone ? "scale(0)" : `translate(${short(x[i])} ${short(y[i])})` + (size === 1 ? "" : ` scale(${size})`));
      if (!restyle) continue;
      nodes[i].setAttribute("d", nth(look.d, i));
      setPen(nodes[i], look, i, size || 1, dark);
    }
  },
  text(node, { look, x, y }, restyle, dark) {
    const [text] = children(node, 1, "text");
    text.setAttribute("transform", `translate(${short(x[0])} ${short(y[0])})` + (look.angle ? ` rotate(${-look.angle})` : ""));
    if (!restyle) return;
    text.textContent = look.s;
    text.setAttribute("textLength", look.length);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    text.setAttribute("fill", css(look.fill[0], dark));
    text.style.fontSize = `${look.size}px`;
    text.style.fontWeight = look.weight;
    text.style.fontStyle = look.style;
    if (look.family[0] !== "sans-serif") text.style.fontFamily = look.family.map((f) => `"${f}"`).join(",") + ', "DejaVu Sans", sans-serif';
  },
};

function strokeAndFill(pen, path, look, i, scale, dark) {
  const fill = nth(look.fill, i), stroke = nth(look.stroke, i), dash = nth(look.dash, i);
  if (fill) { pen.fillStyle = css(fill, dark); pen.fill(path); }
  if (!stroke) return;
  pen.strokeStyle = css(stroke, dark);
  pen.lineWidth = nth(look.w, i) / scale;
  pen.lineCap = look.cap || "butt";
  pen.lineJoin = look.join || "round";
  pen.setLineDash(dash ? dash.slice(1).map((v) => v / scale) : []);
  pen.stroke(path);
}

function paintOnCanvas(pen, item, dark) {
  const { look, x, y } = item;
  pen.save();
  if (look.clip) { pen.beginPath(); pen.rect(...look.clip); pen.clip(); }
  if (look.k === "path") {
    const texts = partPaths(item);
    (single(look) ? [texts.join("")] : texts).forEach((d, i) => strokeAndFill(pen, new Path2D(d), look, i, 1, dark));
  } else {
    const shapes = look.d.map((d) => new Path2D(d)), base = pen.getTransform();
    for (let i = 0; i < x.length; i++) {
      const size = nth(look.s, i);
      if (!(size > 0) || Number.isNaN(x[i]) || Number.isNaN(y[i])) continue;
      pen.setTransform(base.a * size, 0, 0, base.d * size, base.a * x[i], base.d * y[i]);
      strokeAndFill(pen, nth(shapes, i), look, i, size, dark);
    }
  }
  pen.restore();
}

// ---------------------------------------------------------------- tweens

const lerp = (a, b, u) => a + (b - a) * u;

function mixColors(a, b, u) {
  if (!a || !b || a.length !== b.length) return b;
  return b.map((to, i) => {
    const from = a[i];
    if (!from && !to) return null;
    const start = from || [...to.slice(0, 3), 0], end = to || [...from.slice(0, 3), 0];
    return end.map((v, j) => lerp(start[j], v, u));
  });
}

const mixNumbers = (a, b, u) => (a && b && a.length === b.length ? b.map((v, i) => lerp(a[i], v, u)) : b);

function ready(look) { // colours as numbers, once
  if (look.ready) return look.ready;
  const colors = (list) => list && list.map((hex) => hex && rgba(hex));
  const made = { ...look, fill: colors(look.fill), stroke: colors(look.stroke) };
  Object.defineProperty(look, "ready", { value: made, enumerable: false });
  return made;
}

const sameArray = (a, b) => a === b || (a.length === b.length && a.every((v, i) => v === b[i] || (v !== v && b[i] !== b[i])));

// One item on its way from what is seen now to where it goes.
class Way {
  constructor(from, to) {
    this.to = to;
    const fits = from && from.look.k === to.look.k && from.x.length === to.x.length && sameShape(from.look.d, to.look.d);
    this.from = fits ? from : null;
    this.mixes = !from || from.look !== to.look;
    this.restyle = this.mixes;
    this.still = Boolean(fits) && !this.mixes && sameArray(from.x, to.x) && sameArray(from.y, to.y);
    this.now = this.still || !fits ? to : { look: from.look, x: from.x.slice(), y: from.y.slice() };
  }

  at(u) {
    if (u >= 1 || !this.from) return this.to;
    const { from, to, now } = this;
    for (const axis of ["x", "y"])
      for (let i = 0; i < now[axis].length; i++) {
        const v = lerp(from[axis][i], to[axis][i], u);
        now[axis][i] = v === v ? v : to[axis][i]; // not from or to nowhere
      }
    if (this.mixes)
      now.look = {
        ...to.look,
        fill: mixColors(from.look.fill, to.look.fill, u),
        stroke: mixColors(from.look.stroke, to.look.stroke, u),
        w: mixNumbers(from.look.w, to.look.w, u),
      };
    return now;
  }
}

const sameShape = (a, b) => a === b || String(a) === String(b);

const EASES = { linear: (u) => u, out: (u) => 1 - (1 - u) ** 3, inOut: (u) => (u < 0.5 ? 4 * u ** 3 : 1 - (2 - 2 * u) ** 3 / 2) };

// ---------------------------------------------------------------- the picture

let ids = 0;

class Picture {
  constructor(el) {
    this.el = el;
    this.layers = el.appendChild(element("div", "stage-layers", { role: "img" }));
    this.back = this.layers.appendChild(document.createElement("img"));
    this.front = null;
    this.shown = [];
    this.nodes = [];
    this.ways = [];
    this.urls = [];
    this.dark = false;
    this.pins = new Map();
    this.pixels = new ResizeObserver(() => this.repaint());
    this.pixels.observe(this.layers);
  }

  // The still part, ready to be put up: decoded, so that the page never shows an empty frame.
  async still(picture) {
    const ready = async (bytes) => {
      if (!bytes || !bytes.byteLength) return null;
      const image = Object.assign(new Image(), { alt: "", draggable: false });
      image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      await image.decode();
      return this.dark ? darkened(image) : image;
    };
    const [back, front] = await Promise.all([ready(picture.back), ready(picture.front)]);
    return { back, front, width: picture.width, height: picture.height };
  }

  putUp({ back, front, width, height }) {
    if (width !== this.width || height !== this.height) this.kinds = null;
    Object.assign(this, { width, height, front });
    this.el.parentNode.style.width = `${width}px`;
    this.el.style.aspectRatio = `${width} / ${height}`;
    this.back.replaceWith(back);
    this.back = back;
    this.layers.querySelectorAll("img").forEach((image) => image !== back && image.remove());
    if (front) this.layers.append(front);
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [back, front].filter(Boolean).map((image) => image.src);
  }

  setMarks(marks) {
    this.marks = marks;
    this.order = marks.map((_, i) => i).sort((a, b) => marks[a].z - marks[b].z || a - b);
    this.kinds = null;
  }

  // Move to a state: `seconds` long, from wherever everything is now.
  go(state, seconds, ease = "out") {
    const target = state.map((items) => items.map(({ look, x, y }) => ({ look: ready(look), x, y })));
    this.ways = target.map((items, m) => items.map((item, k) => new Way((this.shown[m] || [])[k], item)));
    this.shown = this.ways.map((ways) => ways.map((way) => way.now));
    this.build(target);
    this.start = performance.now() - HEAD_START;
    this.seconds = REDUCED.matches ? 0 : seconds;
    this.ease = EASES[ease];
    if (this.seconds <= 0) this.draw(1);
    else if (!this.frame) this.frame = requestAnimationFrame((time) => this.step(time));
  }

  // Hold one point of an artist where a hand has it, whatever comes meanwhile; null lets it go.
  pin(mark, pin) {
    if (pin) this.pins.set(mark, pin);
    else this.pins.delete(mark);
    (this.ways[mark] || []).forEach((way) => { way.still = false; });
    if (!this.frame) this.frame = requestAnimationFrame((time) => this.step(time));
  }

  step(time) {
    this.frame = 0;
    const u = this.seconds > 0 ? Math.max(0, Math.min(1, (time - this.start) / 1000 / this.seconds)) : 1;
    this.draw(u);
    if (u < 1) this.frame = requestAnimationFrame((next) => this.step(next));
  }

  draw(u) {
    const dirty = new Set();
    this.ways.forEach((ways, m) => ways.forEach((way, k) => {
      if (way.still) return;
      const item = (this.shown[m][k] = pinned(way.at(u < 1 ? this.ease(u) : 1), this.pins.get(m)));
      const node = this.nodes[m][k];
      if (node.pen) dirty.add(node);
      else painters[item.look.k](node, item, way.restyle, this.dark);
      way.restyle = way.mixes && way.from !== null;
      way.still = u >= 1;
    }));
    dirty.forEach((layer) => this.paintLayer(layer));
    if (this.onDraw) this.onDraw();
  }

  // Make the elements anew, if there are others than before.
  build(state) {
    const many = ({ look, x }) => x.length > MANY && look.k !== "text";
    const kind = (item) => `${many(item)} ${item.look.k} ${item.look.clip}`;
    const kinds = JSON.stringify(state.map((items) => items.map(kind)));
    if (kinds === this.kinds) return;
    this.kinds = kinds;
    this.layers.replaceChildren(this.back);
    this.nodes = state.map(() => []);
    let layer = null;
    for (const m of this.order)
      state[m].forEach((item, k) => {
        if (!layer || many(item) !== Boolean(layer.pen)) layer = many(item) ? this.canvasLayer() : this.svgLayer();
        if (layer.pen) layer.items.push([m, k]);
        this.nodes[m][k] = layer.pen ? layer : this.group(layer, m, k, item.look.clip);
        Object.assign(this.ways[m][k], { still: false, restyle: true });
      });
    if (this.front) this.layers.append(this.front);
  }

  svgLayer() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    svg.setAttribute("aria-hidden", "true");
    this.layers.append(svg);
    return { svg, clips: new Map() };
  }

  canvasLayer() {
    const canvas = element("canvas", "", { "aria-hidden": "true" });
    this.layers.append(canvas);
    return { canvas, pen: canvas.getContext("2d"), items: [] };
  }

  group(layer, m, k, clip) {
    const node = document.createElementNS(SVG, "g");
    node.dataset.name = this.marks[m].name;
    node.dataset.item = k;
    if (clip) node.setAttribute("clip-path", `url(#${this.clipId(layer, clip)})`);
    layer.svg.append(node);
    return node;
  }

  clipId(layer, clip) {
    const key = clip.join();
    if (!layer.clips.has(key)) {
      const id = `stage-clip-${Date.now().toString(36)}-${ids++}`;
      const path = layer.svg.appendChild(document.createElementNS(SVG, "clipPath"));
      path.id = id;
      const rect = path.appendChild(document.createElementNS(SVG, "rect"));
      ["x", "y", "width", "height"].forEach((name, i) => rect.setAttribute(name, clip[i]));
      layer.clips.set(key, id);
    }
    return layer.clips.get(key);
  }

  paintLayer({ canvas, pen, items }) {
    const box = this.layers.clientWidth * devicePixelRatio;
    const width = Math.max(1, Math.round(box)), height = Math.max(1, Math.round((box * this.height) / this.width));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.setTransform(width / this.width, 0, 0, height / this.height, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    for (const [m, k] of items) paintOnCanvas(pen, this.shown[m][k], this.dark);
  }

  repaint() {
    new Set(this.nodes.flat().filter((node) => node.pen)).forEach((layer) => this.paintLayer(layer));
    if (this.onDraw) this.onDraw();
  }

  // Everything in one SVG, for those without a kernel to ask.
  async composed() {
    const svg = document.createElementNS(SVG, "svg");
    const { width, height } = this;
    Object.entries({ xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height }).forEach((pair) => svg.setAttribute(...pair));
    const paper = svg.appendChild(document.createElementNS(SVG, "rect"));
    Object.entries({ width, height, fill: this.dark ? "#121212" : "#ffffff" }).forEach((pair) => paper.setAttribute(...pair));
    for (const layer of this.layers.children) {
      if (layer.localName === "svg") svg.append(...layer.cloneNode(true).childNodes);
      else svg.append(asSvgImage(layer, width, height));
    }
    const text = new XMLSerializer().serializeToString(svg);
    return new Blob([text], { type: "image/svg+xml" });
  }

  remove() {
    cancelAnimationFrame(this.frame);
    this.frame = -1; // no further frame is asked for
    this.pixels.disconnect();
    this.urls.forEach((url) => URL.revokeObjectURL(url));
  }
}

function pinned(item, pin) {
  if (!pin || item.look.k === "text" || item.x.length <= pin.index) return item;
  const x = item.x.slice(), y = item.y.slice();
  x[pin.index] = pin.x;
  y[pin.index] = pin.y;
  return { look: item.look, x, y };
}

function asSvgImage(layer, width, height) {
  let canvas = layer;
  if (layer.localName === "img") {
    canvas = Object.assign(document.createElement("canvas"), { width: layer.naturalWidth, height: layer.naturalHeight });
    canvas.getContext("2d").drawImage(layer, 0, 0);
  }
  const image = document.createElementNS(SVG, "image");
  Object.entries({ width, height, href: canvas.toDataURL() }).forEach((pair) => image.setAttribute(...pair));
  return image;
}

// ---------------------------------------------------------------- small parts of a page

function element(tag, className, attributes = {}) {
  const node = Object.assign(document.createElement(tag), { className });
  Object.entries(attributes).forEach((pair) => node.setAttribute(...pair));
  return node;
}

const ICONS = {
  start: "M1 1h2v12H1zM8 1v12L3 7zM13 1v12L8 7z",
  back: "M9 1v12L2 7zM11 1h2v12h-2z",
  play: "M2 1l11 6-11 6z",
  pause: "M2 1h4v12H2zM8 1h4v12H8z",
  forward: "M1 1h2v12H1zM5 1l7 6-7 6z",
  repeat: "M7 2a5 5 0 1 1-4.6 3l1.4.7A3.5 3.5 0 1 0 7 3.5V6L3.5 2.8 7 0z",
};

// What takes the focus keeps its keys: JupyterLab's shortcuts look at the element itself.
const KEYS = { "data-lm-suppress-shortcuts": "true" };

function button(icon, label, onClick) {
  const node = element("button", "", { type: "button", ...KEYS });
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

// ---------------------------------------------------------------- pictures recorded ahead

// What a film and a table share: states, a slider, a caption; `trait` says which of them is shown.
class Reel {
  constructor(view, source, trait) {
    Object.assign(this, { view, source, trait, model: view.model });
    this.bar = element("div", "stage-bar", { role: "group" });
    this.range = element("input", "", { type: "range", min: 0, step: 1, ...KEYS });
    this.range.addEventListener("input", () => this.jump(+this.range.value));
    this.count = element("span", "stage-count", { "aria-hidden": "true" });
    this.caption = element("div", "stage-caption", { "aria-live": "polite" });
  }

  load() {
    const data = this.model.get(`_${this.source}`);
    this.data = data;
    this.states = data ? filmStates(data) : [];
    this.bar.hidden = this.caption.hidden = !data;
    if (!data) return;
    this.range.max = this.states.length - 1;
    this.refresh();
  }

  get place() { return this.clamp(this.model.get(this.trait)); }

  clamp(place) { return Math.max(0, Math.min(place, this.states.length - 1)); }

  // The scene, with what is recorded in place of what it says.
  state() {
    const state = this.view.live.slice();
    for (const mark of this.data.movers) state[mark] = this.states[this.place][mark] || [];
    return state;
  }

  jump(place) { tell(this.model, { playing: false, [this.trait]: this.clamp(place), _source: this.source }); }

  onPlace() {
    if (!this.data) return;
    const [seconds, ease] = this.pace();
    this.view.show(this.source, seconds, ease);
    this.model.set("_source", this.source);
    this.refresh();
  }

  pace() { return [Math.min(LONGEST, this.data.seconds[this.place]), "out"]; }

  refresh() {
    if (!this.data) return;
    const place = this.place, words = `${place + 1} of ${this.states.length}`;
    this.range.value = place;
    this.range.setAttribute("aria-valuetext", [words, this.data.captions[place]].filter(Boolean).join(": "));
    this.count.textContent = `${place + 1} / ${this.states.length}`;
    this.caption.textContent = this.data.captions[place];
  }
}

class Film extends Reel {
  constructor(view) {
    super(view, "film", "frame");
    this.bar.setAttribute("aria-label", "Animation");
    this.range.setAttribute("aria-label", "Keyframe");
    this.play = button("play", "Play", () => tell(this.model, { _source: "film", playing: !this.model.get("playing") }));
    this.repeat = button("repeat", "Repeat", () => tell(this.model, { loop: !this.model.get("loop") }));
    this.speed = element("select", "", { "aria-label": "Speed", ...KEYS });
    for (const speed of [0.25, 0.5, 1, 2, 4]) this.speed.append(new Option(`${speed}×`, speed));
    this.speed.addEventListener("change", () => tell(this.model, { speed: +this.speed.value }));
    this.bar.append(
      button("start", "Back to the start", () => this.jump(0)),
      button("back", "Step back", () => this.jump(this.place - 1)),
      this.play,
      button("forward", "Step forward", () => this.jump(this.place + 1)),
      this.range, this.count, this.speed, this.repeat,
    );
  }

  pace() {
    if (!this.model.get("playing")) return super.pace();
    const seconds = this.place === 0 ? 0 : this.data.seconds[this.place] / this.model.get("speed");
    return [seconds, this.data.hold ? "inOut" : "linear"];
  }

  refresh() {
    super.refresh();
    if (!this.data) return;
    const playing = this.model.get("playing");
    relabel(this.play, playing ? "pause" : "play", playing ? "Pause" : "Play");
    const speed = this.model.get("speed");
    if (![...this.speed.options].some((option) => +option.value === speed)) this.speed.append(new Option(`${speed}×`, speed));
    this.speed.value = speed;
    this.repeat.setAttribute("aria-pressed", this.model.get("loop"));
    this.caption.setAttribute("aria-live", playing ? "off" : "polite");
  }
}

class Table extends Reel {
  constructor(view) {
    super(view, "table", "index");
    this.bar.setAttribute("aria-label", "Precomputed states");
    this.range.setAttribute("aria-label", "State");
    this.label = element("span", "stage-label");
    this.label.textContent = "precomputed";
    this.bar.append(this.label, this.range, this.count);
  }

  load() {
    super.load();
    const own = this.data && (this.data.slider || this.model.alone);
    this.range.hidden = this.count.hidden = !own;
  }
}

// Plays the film: one for a model, however many views show it. Python hears of it when it stops.
class Player {
  constructor(model) {
    this.model = model;
    this.onPlaying = () => (model.get("playing") ? this.start() : this.stop());
    this.onFilm = () => clearTimeout(this.timer);
    model.on("change:playing", this.onPlaying);
    model.on("change:_film", this.onFilm);
  }

  start() {
    const film = this.model.get("_film");
    if (!film) return;
    if (this.model.get("frame") >= film.steps.length - 1) this.model.set("frame", 0);
    this.due = performance.now();
    this.tick();
  }

  tick() {
    const film = this.model.get("_film"), last = film.steps.length - 1;
    const now = performance.now();
    if (now - this.due > 500) this.due = now; // the page slept
    let frame = this.model.get("frame");
    while (this.due <= now && this.model.get("playing")) {
      if (frame < last) frame += 1;
      else if (this.model.get("loop")) frame = 0;
      else return tell(this.model, { playing: false });
      this.due += frame === 0 ? 1 : ((film.seconds[frame] + film.hold) / this.model.get("speed")) * 1000;
    }
    this.model.set("frame", frame);
    this.timer = setTimeout(() => this.tick(), this.due - performance.now());
  }

  stop() {
    clearTimeout(this.timer);
    this.model.save_changes();
  }

  remove() {
    clearTimeout(this.timer);
    this.model.off("change:playing", this.onPlaying);
    this.model.off("change:_film", this.onFilm);
  }
}

// ---------------------------------------------------------------- pulling points

// The points of one artist. One drag is on its way to Python at a time; the last place always wins.
class Handle {
  constructor(view, { mark, axis }) {
    Object.assign(this, { view, mark, axis, index: 0, words: "", count: 0, name: `${Math.random()}`.slice(2) });
    this.knob = element("div", "stage-knob", { role: "slider", tabindex: 0, "aria-valuenow": 1, "aria-valuemin": 1, ...KEYS });
    this.knob.setAttribute("aria-label", `${view.picture.marks[mark].name}: ${HELP[axis]}`);
    this.knob.addEventListener("keydown", (event) => this.onKey(event));
    this.onDragged = (message) => this.onAnswer(message);
    view.model.on("msg:custom", this.onDragged);
  }

  get item() {
    const items = this.view.picture.shown[this.mark] || [];
    return items.find((item) => item.look.k === "points") || items[0];
  }

  nearest(x, y) {
    const item = this.item;
    let best = { distance: Infinity };
    for (let i = 0; item && i < item.x.length; i++) {
      const distance = Math.hypot(item.x[i] - x, item.y[i] - y);
      if (distance < best.distance) best = { distance, index: i, handle: this };
    }
    return best;
  }

  // Where the hand holds the point now; pictures that come meanwhile do not pull it back.
  hold(x, y, done) {
    const item = this.item, [left, top, width, height] = item.look.clip || [0, 0, this.view.picture.width, this.view.picture.height];
    const inside = (v, low, size) => Math.max(low, Math.min(v, low + size));
    this.held = {
      index: this.index,
      x: this.axis === "y" ? item.x[this.index] : inside(x, left, width),
      y: this.axis === "x" ? item.y[this.index] : inside(y, top, height),
    };
    this.view.picture.pin(this.mark, this.held);
    this.next = { ...this.held, done };
    this.sendNext();
  }

  sendNext() {
    if (!this.next || this.sent) return;
    const ticket = `${this.name} ${(this.count += 1)}`;
    this.sent = { ticket, done: this.next.done };
    this.view.model.send({ type: "drag", ticket, mark: this.mark, ...this.next });
    this.next = null;
    this.patience = setTimeout(() => this.onAnswer({ type: "dragged", ticket, words: "" }), 5000);
  }

  onAnswer({ type, ticket, words }) {
    if (type !== "dragged" || !this.sent || ticket !== this.sent.ticket) return;
    clearTimeout(this.patience);
    const { done } = this.sent;
    this.sent = null;
    this.words = words;
    if (done && !this.next) this.letGo();
    this.describe();
    this.sendNext();
  }

  letGo() {
    this.held = null;
    this.view.picture.pin(this.mark, null);
  }

  onKey(event) {
    const item = this.item, { key } = event;
    if (!item) return;
    const order = [...item.x.keys()].filter((i) => !Number.isNaN(item.x[i] + item.y[i])).sort((a, b) => item.x[a] - item.x[b] || item.y[a] - item.y[b]);
    const at = Math.max(0, order.indexOf(this.index));
    const choose = { Home: 0, End: order.length - 1, PageUp: at + 1, PageDown: at - 1 };
    if (this.axis === "y") Object.assign(choose, { ArrowLeft: at - 1, ArrowRight: at + 1 });
    if (this.axis === "x") Object.assign(choose, { ArrowDown: at - 1, ArrowUp: at + 1 });
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (key in choose) this.choose(order[Math.max(0, Math.min(choose[key], order.length - 1))]);
    else if (way) this.nudge(way, event.shiftKey ? 0.1 : 0.01);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(index) {
    this.index = index;
    this.words = "";
    this.describe();
    this.place();
  }

  nudge([dx, dy], share) {
    const item = this.item, [, , width, height] = item.look.clip || [0, 0, this.view.picture.width, this.view.picture.height];
    const from = this.held || { x: item.x[this.index], y: item.y[this.index] };
    this.hold(from.x + dx * share * width, from.y + dy * share * height, true);
  }

  describe() {
    const count = (this.described = this.item ? this.item.x.length : 0);
    this.knob.setAttribute("aria-valuemax", count);
    this.knob.setAttribute("aria-valuenow", this.index + 1);
    this.knob.setAttribute("aria-valuetext", [`point ${this.index + 1} of ${count}`, this.words].filter(Boolean).join(", "));
  }

  place() {
    const item = this.item;
    this.knob.hidden = !item || this.index >= item.x.length;
    if (this.knob.hidden) return;
    if (this.described !== item.x.length) this.describe();
    const { width, height } = this.view.picture;
    this.knob.style.left = `${(100 * item.x[this.index]) / width}%`;
    this.knob.style.top = `${(100 * item.y[this.index]) / height}%`;
  }

  remove() {
    clearTimeout(this.patience);
    this.view.model.off("msg:custom", this.onDragged);
    this.knob.remove();
  }
}

const HELP = {
  y: "left and right choose a point, up and down move it",
  x: "up and down choose a point, left and right move it",
  both: "page up and page down choose a point, the arrow keys move it",
};

// Pointers: whatever point is near enough is taken.
class Hands {
  constructor(view) {
    this.view = view;
    this.el = view.picture.el;
    this.handles = [];
    this.el.addEventListener("pointerdown", (event) => this.take(event));
    this.el.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.el.addEventListener(end, (event) => this.release(event));
    this.el.addEventListener("touchstart", (event) => this.near(event.touches[0]) && event.preventDefault(), { passive: false });
  }

  load() {
    this.handles.forEach((handle) => handle.remove());
    this.handles = (this.view.model.get("_drags") || []).map((spec) => new Handle(this.view, spec));
    this.handles.forEach((handle) => this.el.append(handle.knob));
    this.place();
  }

  place() { this.handles.forEach((handle) => handle.place()); }

  at({ clientX, clientY }) {
    const box = this.el.getBoundingClientRect(), scale = this.view.picture.width / box.width;
    return [(clientX - box.left) * scale, (clientY - box.top) * scale, scale];
  }

  near(event) {
    const [x, y, scale] = this.at(event);
    const best = this.handles.map((handle) => handle.nearest(x, y)).sort((a, b) => a.distance - b.distance)[0];
    return best && best.distance <= REACH * scale ? best : null;
  }

  take(event) {
    const best = event.button === 0 && this.near(event);
    if (!best) return;
    this.taken = best.handle;
    this.taken.choose(best.index);
    this.taken.knob.focus({ preventScroll: true });
    this.el.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  move(event) {
    if (this.taken) return this.pull(event, false);
    if (!this.handles.length) return;
    const best = this.near(event);
    this.el.style.cursor = best ? { y: "ns-resize", x: "ew-resize", both: "move" }[best.handle.axis] : "";
  }

  pull(event, done) {
    const [x, y] = this.at(event);
    this.taken.hold(x, y, done);
  }

  release(event) {
    if (!this.taken) return;
    this.pull(event, true);
    this.taken = null;
  }

  remove() { this.handles.forEach((handle) => handle.remove()); }
}

// ---------------------------------------------------------------- the view

class View {
  constructor(model, el) {
    this.model = model;
    this.root = element("div", "stage");
    el.append(this.root);
    this.picture = new Picture(this.root.appendChild(element("div", "stage-picture")));
    this.picture.dark = isDark(this.root);
    this.reels = { film: new Film(this), table: new Table(this) };
    this.status = element("div", "stage-status", { role: "status", "aria-live": "polite" });
    this.hands = new Hands(this);
    this.picture.onDraw = () => this.hands.place();
    const foot = element("div", "stage-foot");
    foot.append(this.status, this.keepers());
    for (const reel of Object.values(this.reels)) this.root.append(reel.bar, reel.caption);
    this.root.append(foot);
    this.watch();
    this.watchTheme();
    this.putUp();
    this.takeScene();
    Object.values(this.reels).forEach((reel) => reel.load());
    this.hands.load();
    this.show(model.get("_source"), 0);
    this.setStatus();
  }

  watch() {
    const { film, table } = this.reels;
    const answers = {
      "change:alt": () => this.setAlt(),
      "change:status": () => this.setStatus(),
      "change:_picture": () => this.putUp(),
      "change:_scene": () => { this.takeScene(); this.show("scene", 0); },
      "change:_film": () => { film.load(); this.show(this.model.get("_source"), 0); },
      "change:_table": () => { table.load(); this.show(this.model.get("_source"), 0); },
      "change:_source": () => this.showing !== this.model.get("_source") && this.show(this.model.get("_source"), 0),
      "change:_drags": () => this.hands.load(),
      "change:frame": () => film.onPlace(),
      "change:index": () => table.onPlace(),
      "change:playing": () => film.refresh(),
      "change:speed": () => film.refresh(),
      "change:loop": () => film.refresh(),
      "msg:custom": (message, buffers) => {
        if (message.type === "change") this.onChange(message);
        if (message.type === "file") this.onFile(message, buffers);
      },
    };
    this.listeners = Object.entries(answers);
    this.listeners.forEach(([name, answer]) => this.model.on(name, answer));
  }

  setAlt() {
    const reel = this.reels[this.showing], caption = reel && reel.data ? reel.data.captions[reel.place] : "";
    this.picture.layers.setAttribute("aria-label", [this.model.get("alt"), caption].filter(Boolean).join(" "));
  }

  setStatus() { this.status.textContent = this.model.get("status"); }

  takeScene() {
    const scene = this.model.get("_scene");
    this.picture.setMarks(scene.marks);
    this.live = decoded(scene);
  }

  // A patch came; the model's own copy has taken it in already.
  onChange({ duration }) {
    const now = performance.now(), apart = (now - (this.lastChange ?? -1e9)) / 1000;
    this.lastChange = now;
    this.live = decoded(this.model.get("_scene"));
    this.model.set("_source", "scene");
    this.show("scene", duration ?? (apart > 2 * LONGEST ? LONE : Math.min(LONGEST, apart)));
  }

  show(source, seconds, ease) {
    const reel = this.reels[source];
    this.showing = reel && reel.data ? source : "scene";
    this.pace = [seconds, ease];
    this.setAlt();
    for (const [name, one] of Object.entries(this.reels)) one.caption.style.visibility = name === this.showing ? "" : "hidden";
    if (!this.pending) this.go();
  }

  go() {
    const reel = this.reels[this.showing];
    this.picture.go(reel ? reel.state() : this.live, ...this.pace);
  }

  // A new still part, and what moves over it, appear together.
  async putUp() {
    const pending = (this.pending = this.picture.still(this.model.get("_picture")));
    const still = await pending;
    if (this.pending !== pending) return [still.back, still.front].forEach((image) => image && URL.revokeObjectURL(image.src));
    this.pending = null;
    if (this.gone) return;
    this.picture.putUp(still);
    this.go();
  }

  keepers() {
    const box = element("div", "stage-keep", { role: "group", "aria-label": "Save the picture" });
    for (const format of ["png", "svg"]) {
      const node = element("button", "", { type: "button", title: `Save as ${format.toUpperCase()}`, "aria-label": `Save as ${format.toUpperCase()}`, ...KEYS });
      node.textContent = format.toUpperCase();
      node.addEventListener("click", () => this.keep(format));
      box.append(node);
    }
    return box;
  }

  // Matplotlib saves, if there is a kernel; else the browser puts together what it shows.
  keep(format) {
    this.asked = format;
    if (this.model.alone) return this.keepHere(format);
    this.model.send({ type: "save", format });
    this.patience = setTimeout(() => this.keepHere(format), 4000);
  }

  onFile({ format }, [bytes]) {
    if (this.asked !== format) return;
    this.asked = null;
    clearTimeout(this.patience);
    download(new Blob([bytes], { type: MIMES[format] }), format);
  }

  async keepHere(format) {
    this.asked = null;
    const svg = await this.picture.composed();
    download(format === "svg" ? svg : await rasterised(svg, this.picture), format);
  }

  watchTheme() {
    this.look = () => {
      const dark = isDark(this.root);
      if (dark === this.picture.dark) return;
      this.picture.dark = dark;
      this.picture.kinds = null;
      this.pace = [0];
      this.putUp();
    };
    this.themes = new MutationObserver(this.look);
    const attributeFilter = ["class", "style", "data-jp-theme-light", "data-theme", "data-vscode-theme-kind"];
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, { attributes: true, attributeFilter });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.look);
  }

  remove() {
    this.gone = true;
    this.listeners.forEach(([name, answer]) => this.model.off(name, answer));
    this.themes.disconnect();
    this.scheme.removeEventListener("change", this.look);
    clearTimeout(this.patience);
    this.hands.remove();
    this.picture.remove();
    this.root.remove();
  }
}

const MIMES = { png: "image/png", svg: "image/svg+xml" };

function download(blob, format) {
  const link = element("a", "", { href: URL.createObjectURL(blob), download: `picture.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function rasterised(svg, { width, height }) {
  const url = URL.createObjectURL(svg), image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done));
}

// ---------------------------------------------------------------- what the host calls

function initialize({ model }) {
  const hello = () => model.send({ type: "hello", version: model.get("_scene").version });
  const onMessage = (message, buffers) => {
    if (message.type !== "change") return;
    const scene = model.get("_scene");
    if (message.base !== scene.version) return hello();
    const state = patched(decoded(scene), message.patch, message.looks, floats(buffers[0]), shorts(buffers[1]));
    encode(state, scene);
    scene.version = message.version;
  };
  const player = new Player(model);
  model.on("msg:custom", onMessage);
  hello();
  return () => {
    player.remove();
    model.off("msg:custom", onMessage);
  };
}

function render({ model, el }) {
  const view = new View(model, el);
  return () => view.remove();
}

export default { initialize, render };

// ---------------------------------------------------------------- without kernel or widget manager

class PlainModel {
  constructor(values) {
    this.values = values;
    this.answers = {};
    this.alone = true;
  }
  get(name) { return this.values[name]; }
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    (this.answers[`change:${name}`] || []).forEach((answer) => answer());
  }
  on(name, answer) { (this.answers[name] ||= []).push(answer); }
  off(name, answer) { this.answers[name] = (this.answers[name] || []).filter((one) => one !== answer); }
  save_changes() {}
  send() {}
}

function fromBase64(key, value) {
  if (!value || typeof value.base64 !== "string") return value;
  return new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer);
}

// Brings every fragment that `Stage.to_html` wrote under this key to life.
function mountAll(key) {
  for (const el of document.querySelectorAll(`[data-stage="${key}"]:not([data-live])`)) {
    el.dataset.live = "true";
    const model = new PlainModel({ playing: false, ...JSON.parse(el.querySelector("script").textContent, fromBase64) });
    initialize({ model });
    render({ model, el });
  }
}
