// Draws the moving artists of a Stage over its still picture. Needs no kernel and no library.

const SVG = "http://www.w3.org/2000/svg";
const MANY = 400; // points; more than this go on a canvas
const LONE = 0.04; // seconds to a change that comes alone
const LONGEST = 0.15; // seconds; changes further apart than this are lone ones

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

// On a dark page what has no hue is turned round: black ink becomes light, white paper dark.
function inked(red, green, blue) {
  const hue = Math.min(1, (Math.max(red, green, blue) - Math.min(red, green, blue)) / 40);
  const turned = (c) => c * hue + (18 + (255 - c) * 0.83) * (1 - hue);
  return [turned(red), turned(green), turned(blue)];
}

function css(color, dark) {
  if (!color) return "none";
  const [r, g, b, a] = color;
  const [x, y, z] = dark ? inked(r, g, b) : [r, g, b];
  return `rgba(${Math.round(x)},${Math.round(y)},${Math.round(z)},${+a.toFixed(3)})`;
}

async function darkened(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  const data = pixels.data;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 0) continue;
    [data[i], data[i + 1], data[i + 2]] = inked(data[i], data[i + 1], data[i + 2]);
  }
  pen.putImageData(pixels, 0, 0);
  return new Promise((done) => canvas.toBlob((blob) => done(URL.createObjectURL(blob))));
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
      if (letter === "Z") { d += "Z"; gap = true; continue; }
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

const painters = {
  path(node, item, restyle, dark) {
    const texts = partPaths(item);
    const parts = single(item.look) ? [texts.join("")] : texts;
    const nodes = children(node, parts.length, "path");
    parts.forEach((d, i) => {
      nodes[i].setAttribute("d", d);
      if (restyle) setPen(nodes[i], item.look, i, 1, dark);
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
    const fits = from && from.look.k === to.look.k && from.x.length === to.x.length && String(from.look.d) === String(to.look.d);
    this.from = fits ? { look: from.look, x: from.x.slice(), y: from.y.slice() } : null;
    this.restyle = !from || from.look !== to.look;
    this.now = fits ? { look: to.look, x: from.x.slice(), y: from.y.slice() } : to;
    this.still = fits && !this.restyle && sameArray(from.x, to.x) && sameArray(from.y, to.y);
  }
  at(u) {
    if (u >= 1 || !this.from) return this.to;
    const { from, to, now } = this;
    for (const axis of ["x", "y"])
      for (let i = 0; i < now[axis].length; i++) {
        const v = lerp(from[axis][i], to[axis][i], u);
        now[axis][i] = Number.isNaN(v) ? to[axis][i] : v;
      }
    if (this.restyle)
      now.look = {
        ...to.look,
        fill: mixColors(from.look.fill, to.look.fill, u),
        stroke: mixColors(from.look.stroke, to.look.stroke, u),
        w: mixNumbers(from.look.w, to.look.w, u),
      };
    return now;
  }
}

const EASES = { linear: (u) => u, out: (u) => 1 - (1 - u) ** 3, inOut: (u) => (u < 0.5 ? 4 * u ** 3 : 1 - (2 - 2 * u) ** 3 / 2) };

// ---------------------------------------------------------------- the picture

let ids = 0;

class Picture {
  constructor(el) {
    this.el = el;
    this.layers = el.appendChild(Object.assign(document.createElement("div"), { className: "stage-layers" }));
    this.layers.setAttribute("role", "img");
    this.back = this.layers.appendChild(this.image());
    this.front = this.image();
    this.shown = [];
    this.nodes = [];
    this.ways = [];
    this.urls = [];
    this.marks = [];
    this.dark = false;
    this.pixels = new ResizeObserver(() => this.repaint());
    this.pixels.observe(this.layers);
  }

  image() {
    return Object.assign(document.createElement("img"), { alt: "", draggable: false });
  }

  // The still part. Kept until it is decoded, so that the page never shows an empty frame.
  async setStill(still, dark) {
    this.width = still.width;
    this.height = still.height;
    this.el.parentNode.style.width = `${still.width}px`;
    this.el.style.aspectRatio = `${still.width} / ${still.height}`;
    const ticket = (this.ticket = {});
    const made = await Promise.all([still.back, still.front].map((bytes) => this.stillUrl(bytes, dark)));
    if (this.ticket !== ticket) return made.forEach((url) => url && URL.revokeObjectURL(url));
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = made.filter(Boolean);
    this.back.src = made[0];
    if (made[1]) this.front.src = made[1];
    this.front.hidden = !made[1];
    await Promise.all([this.back, this.front].filter((i) => i.src && !i.hidden).map((i) => i.decode().catch(() => null)));
  }

  async stillUrl(bytes, dark) {
    if (!bytes || !bytes.byteLength) return null;
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    if (!dark) return url;
    const turned = await darkened(url);
    URL.revokeObjectURL(url);
    return turned;
  }

  setMarks(marks) {
    this.marks = marks;
    this.order = marks.map((_, i) => i).sort((a, b) => marks[a].z - marks[b].z || a - b);
    this.kinds = null;
  }

  // Move to a state: `seconds` long, from wherever everything is now.
  go(state, seconds, ease = "out", start = performance.now()) {
    const target = state.map((items) => items.map(({ look, x, y }) => ({ look: ready(look), x, y })));
    this.ways = target.map((items, m) => items.map((item, k) => new Way((this.shown[m] || [])[k], item)));
    this.shown = target.map((items, m) => items.map((item, k) => this.ways[m][k].now));
    this.build(target);
    this.start = start;
    this.seconds = seconds;
    this.ease = EASES[ease];
    if (seconds <= 0 || REDUCED.matches) this.draw(1);
    else if (!this.frame) this.frame = requestAnimationFrame((time) => this.step(time));
  }

  step(time) {
    this.frame = 0;
    const u = Math.max(0, Math.min(1, (time - this.start) / 1000 / this.seconds));
    this.draw(u);
    if (u < 1 && !this.frame) this.frame = requestAnimationFrame((next) => this.step(next));
  }

  draw(u) {
    const dirty = new Set();
    this.ways.forEach((ways, m) => ways.forEach((way, k) => {
      if (way.still && this.shown[m][k] !== undefined && !way.first) { this.shown[m][k] = way.to; return; }
      const item = way.at(this.ease(u));
      this.shown[m][k] = item;
      const node = this.nodes[m][k];
      if (node.pen) dirty.add(node);
      else painters[item.look.k](node, item, way.restyle || way.first, this.dark);
      way.first = false;
      if (u >= 1) way.still = true;
    }));
    dirty.forEach((layer) => this.paintLayer(layer));
    if (u >= 1 && this.onSettled) this.onSettled();
  }

  // Make the elements anew, if there are others than before.
  build(state) {
    const kinds = state.map((items) => items.map(({ look, x }) => (x.length > MANY && look.k !== "text" ? "canvas" : look.k) + (look.clip || "")).join()).join(";");
    if (kinds === this.kinds) return;
    this.kinds = kinds;
    this.layers.replaceChildren(this.back);
    this.nodes = state.map(() => []);
    let layer = null;
    for (const m of this.order)
      state[m].forEach((item, k) => {
        const many = item.x.length > MANY && item.look.k !== "text";
        if (!layer || many !== Boolean(layer.pen)) layer = many ? this.canvasLayer() : this.svgLayer();
        if (many) layer.items.push([m, k]);
        this.nodes[m][k] = many ? layer : this.group(layer, m, k, item.look.clip);
        this.ways[m][k].first = this.ways[m][k].restyle = true;
      });
    this.layers.append(this.front);
  }

  svgLayer() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    svg.setAttribute("aria-hidden", "true");
    this.layers.append(svg);
    return { svg, clips: new Map() };
  }

  canvasLayer() {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
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
      const [x, y, width, height] = clip;
      path.id = id;
      const rect = path.appendChild(document.createElementNS(SVG, "rect"));
      Object.entries({ x, y, width, height }).forEach(([name, value]) => rect.setAttribute(name, value));
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
    for (const [m, k] of items) if (this.shown[m][k]) paintOnCanvas(pen, this.shown[m][k], this.dark);
  }

  repaint() {
    new Set(this.nodes.flat().filter((node) => node.pen)).forEach((layer) => this.paintLayer(layer));
  }

  async setDark(dark, still) {
    this.dark = dark;
    this.kinds = null;
    await this.setStill(still, dark);
  }

  remove() {
    cancelAnimationFrame(this.frame);
    this.frame = -1;
    this.pixels.disconnect();
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.el.remove();
  }
}

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

// ---------------------------------------------------------------- the animation's controls

const ICONS = {
  reset: "M2 1h2v12H2zM14 1v12L5 7z",
  back: "M11 1v12L2 7z",
  play: "M2 1l11 6-11 6z",
  pause: "M2 1h4v12H2zM8 1h4v12H8z",
  forward: "M3 1l9 6-9 6z",
  loop: "M7 2a5 5 0 1 1-4.6 3l1.4.7A3.5 3.5 0 1 0 7 3.5V6L3.5 2.8 7 0z",
};

function button(name, label, onClick) {
  const node = document.createElement("button");
  node.type = "button";
  node.addEventListener("click", onClick);
  relabel(node, name, label);
  return node;
}

function relabel(node, icon, label) {
  node.innerHTML = `<svg viewBox="0 0 14 14" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  node.setAttribute("aria-label", label);
  node.title = label;
}

class Film {
  constructor(view) {
    this.view = view;
    this.model = view.model;
    this.bar = element("div", "stage-bar", { role: "group", "aria-label": "Animation" });
    this.playButton = button("play", "Play", () => this.toggle());
    this.range = Object.assign(document.createElement("input"), { type: "range", min: 0, step: 1 });
    this.range.setAttribute("aria-label", "Keyframe");
    this.range.addEventListener("input", () => this.jump(+this.range.value));
    this.count = element("span", "stage-count", { "aria-hidden": "true" });
    this.speed = document.createElement("select");
    this.speed.setAttribute("aria-label", "Speed");
    for (const v of [0.25, 0.5, 1, 2, 4]) this.speed.append(new Option(`${v}×`, v));
    this.speed.addEventListener("change", () => this.tell("speed", +this.speed.value));
    this.loop = button("loop", "Repeat", () => this.tell("loop", !this.model.get("loop")));
    this.bar.append(
      button("reset", "Back to the start", () => this.jump(0)),
      button("back", "Step back", () => this.jump(this.frame - 1)),
      this.playButton,
      button("forward", "Step forward", () => this.jump(this.frame + 1)),
      this.range, this.count, this.speed, this.loop,
    );
    this.caption = element("div", "stage-caption", { "aria-live": "polite" });
  }

  // Keyframes newly recorded, or none.
  load() {
    const film = this.model.get("_film");
    this.film = film;
    this.states = film ? filmStates(film) : [];
    this.bar.hidden = this.caption.hidden = !film;
    if (!film) return;
    this.range.max = this.states.length - 1;
    this.frame = this.clamp(this.model.get("frame"));
    this.view.show(this.full(this.frame), null);
    this.refresh();
  }

  clamp(frame) { return Math.max(0, Math.min(frame, this.states.length - 1)); }

  full(frame) {
    const state = this.view.live.slice();
    for (const mark of this.film.movers) state[mark] = this.states[frame][mark] || [];
    return state;
  }

  tell(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  toggle() { this.tell("playing", !this.model.get("playing")); }

  jump(frame) {
    if (this.model.get("playing")) this.model.set("playing", false);
    this.tell("frame", this.clamp(frame));
  }

  // The trait changed: by a button, by Python or by a link.
  onFrame() {
    if (!this.film || this.advancing) return;
    const frame = this.clamp(this.model.get("frame"));
    if (frame === this.frame && this.view.showing === "film") return this.refresh();
    this.frame = frame;
    this.view.show(this.full(frame), Math.min(0.25, this.film.seconds[frame]), "film");
    this.refresh();
  }

  onPlaying() {
    if (!this.film) return;
    clearTimeout(this.timer);
    if (this.model.get("playing")) {
      const last = this.states.length - 1;
      if (this.frame >= last) this.start(0, performance.now());
      else this.start(this.frame + 1, performance.now());
    } else this.arrive();
    this.refresh();
  }

  // Set off for a keyframe; `time` is when the way to it began, so that delays do not add up.
  start(frame, time) {
    const seconds = this.film.seconds[frame] / this.model.get("speed");
    this.frame = frame;
    this.view.show(this.full(frame), frame === 0 ? 0 : seconds, "film", this.film.hold ? "inOut" : "linear", time);
    this.quietly(() => this.model.set("frame", frame));
    this.refresh();
    const next = time + (seconds + this.film.hold / this.model.get("speed")) * 1000;
    this.timer = setTimeout(() => this.next(next), Math.max(0, next - performance.now()));
  }

  next(time) {
    if (!this.model.get("playing")) return;
    if (this.frame < this.states.length - 1) return this.start(this.frame + 1, Math.max(time, performance.now() - 100));
    if (this.model.get("loop")) return this.start(0, performance.now());
    this.model.set("playing", false);
  }

  // Stopped: only now is Python told where.
  arrive() {
    if (this.view.leader === false) return;
    this.model.save_changes();
  }

  quietly(change) {
    this.advancing = true;
    change();
    this.advancing = false;
  }

  refresh() {
    if (!this.film) return;
    const playing = this.model.get("playing");
    relabel(this.playButton, playing ? "pause" : "play", playing ? "Pause" : "Play");
    this.range.value = this.frame;
    this.range.setAttribute("aria-valuetext", `${this.frame + 1} of ${this.states.length}`);
    this.count.textContent = `${this.frame + 1} / ${this.states.length}`;
    this.speed.value = this.model.get("speed");
    this.loop.setAttribute("aria-pressed", this.model.get("loop"));
    this.caption.setAttribute("aria-live", playing ? "off" : "polite");
    this.caption.textContent = this.film.captions[this.frame];
  }

  remove() { clearTimeout(this.timer); }
}

// ---------------------------------------------------------------- the view

function element(tag, className, attributes = {}) {
  const node = Object.assign(document.createElement(tag), { className });
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  return node;
}

class View {
  constructor(model, el) {
    this.model = model;
    this.root = element("div", "stage", { "data-lm-suppress-shortcuts": "true" });
    this.picture = new Picture(this.root.appendChild(element("div", "stage-picture")));
    this.film = new Film(this);
    this.status = element("div", "stage-status", { role: "status", "aria-live": "polite" });
    this.root.append(this.film.bar, this.film.caption, this.status);
    el.append(this.root);
    this.listeners = [];
    this.watchTheme();
    this.listen("change:alt", () => this.setAlt());
    this.listen("change:status", () => this.setStatus());
    this.listen("change:_picture", () => this.setPicture());
    this.listen("change:_scene", () => this.setScene(0));
    this.listen("change:_film", () => this.film.load());
    this.listen("change:frame", () => this.film.onFrame());
    this.listen("change:playing", () => this.film.onPlaying());
    this.listen("change:speed change:loop", () => this.film.refresh());
    this.listen("msg:custom", (message) => message.type === "change" && this.onChange(message));
    this.setAlt();
    this.setStatus();
    this.setPicture();
    this.setScene(0);
    this.film.load();
  }

  listen(names, callback) {
    for (const name of names.split(" ")) {
      this.model.on(name, callback);
      this.listeners.push([name, callback]);
    }
  }

  setAlt() { this.picture.layers.setAttribute("aria-label", this.model.get("alt")); }

  setStatus() { this.status.textContent = this.model.get("status"); }

  async setPicture() {
    const drawn = this.picture.setStill(this.model.get("_picture"), this.picture.dark);
    this.waiting = drawn;
    await drawn;
    if (this.waiting !== drawn) return;
    this.waiting = null;
    if (this.later) this.later();
  }

  setScene(seconds) {
    const scene = this.model.get("_scene");
    this.picture.setMarks(scene.marks);
    this.live = decoded(scene);
    this.show(this.live, seconds, "live");
  }

  // A patch came; the model's own copy has taken it in already.
  onChange({ duration }) {
    const now = performance.now(), apart = (now - (this.lastChange || -1e9)) / 1000;
    this.lastChange = now;
    this.live = decoded(this.model.get("_scene"));
    this.show(this.live, duration ?? (apart > 2 * LONGEST ? LONE : Math.min(LONGEST, apart)), "live");
  }

  // A new still part and what moves over it appear together.
  show(state, seconds, showing, ease, start) {
    this.showing = showing || this.showing;
    const go = () => this.picture.go(state, seconds ?? 0, ease, start);
    if (!this.waiting) return go();
    this.later = () => { this.later = null; go(); };
  }

  watchTheme() {
    const look = () => {
      const dark = isDark(this.root);
      if (dark === this.picture.dark) return;
      this.picture.dark = dark;
      this.picture.kinds = null;
      this.setPicture();
      if (this.live) this.show(this.showing === "film" ? this.film.full(this.film.frame) : this.live, 0);
    };
    this.themes = new MutationObserver(look);
    for (const node of [document.documentElement, document.body])
      this.themes.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-theme", "data-vscode-theme-kind"] });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", look);
    this.look = look;
    this.picture.dark = isDark(this.root);
  }

  remove() {
    this.listeners.forEach(([name, callback]) => this.model.off(name, callback));
    this.themes.disconnect();
    this.scheme.removeEventListener("change", this.look);
    this.film.remove();
    this.picture.remove();
    this.root.remove();
  }
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
  model.on("msg:custom", onMessage);
  hello();
  return () => model.off("msg:custom", onMessage);
}

function render({ model, el }) {
  const view = new View(model, el);
  return () => view.remove();
}

export default { initialize, render };
