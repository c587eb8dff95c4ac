// The picture: layers of all that is painted, tweened frame by frame.

const MANY = 400; // points; a mark with more than this goes on a canvas
const HEAD_START = 8; // ms; half a frame, so that the first frame already shows a move
const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

const isMany = (items) => items.some(({ look, x }) => x.length > MANY && look.k !== "text");

class Picture {
  constructor(el) {
    this.el = el;
    this.layers = el.appendChild(element("div", "stage-layers", { role: "img" }));
    this.marks = [];
    this.shown = [];
    this.ways = [];
    this.nodes = [];
    this.dark = false;
    this.pins = new Map();
    this.pixels = new ResizeObserver(() => this.repaint());
    this.pixels.observe(this.layers);
  }

  // How large the picture is, and what is painted on it; what is seen already moves on from there.
  setScene({ width, height, marks }) {
    const resized = width !== this.width || height !== this.height;
    if (!resized && JSON.stringify(marks) === JSON.stringify(this.marks)) return;
    const seen = resized ? new Map() : new Map(this.marks.map(({ name }, m) => [name, this.shown[m]]));
    this.shown = marks.map(({ name }) => seen.get(name) || []);
    Object.assign(this, { width, height, marks, skeleton: null });
    this.order = marks.map((_, i) => i).sort((a, b) => marks[a].z - marks[b].z || a - b);
    this.el.parentNode.style.width = `${width}px`;
    this.el.style.aspectRatio = `${width} / ${height}`;
  }

  // Move to a state: `seconds` long, from wherever everything is now.
  go(state, seconds, ease = "out") {
    const target = state.map((items) => items.map(({ look, x, y }) => ({ look: ready(look), x, y })));
    this.ways = target.map((items, m) => waysTo(items, this.shown[m] || []));
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
    dirty.forEach((layer) => this.paintLayer(Object.assign(layer, { blank: false })));
    if (this.onDraw) this.onDraw();
  }

  // Make the layers anew, if others go on a canvas than before; and elements for what is in them.
  build(state) {
    const skeleton = this.order.map((m) => (isMany(state[m]) ? "canvas" : "svg")).join();
    const anew = skeleton !== this.skeleton;
    if (anew) this.buildLayers(state);
    this.skeleton = skeleton;
    state.forEach((items, m) => {
      if (anew || this.groups[m].blank) this.ways[m].forEach((way) => way.repaint());
      if (this.groups[m].pen) this.nodes[m] = items.map(() => this.groups[m]);
      else this.fit(m, items);
    });
  }

  buildLayers(state) {
    this.layers.replaceChildren();
    this.nodes = state.map(() => []);
    this.groups = [];
    let layer = null;
    for (const m of this.order) {
      const many = isMany(state[m]);
      if (!layer || many !== Boolean(layer.pen)) layer = many ? this.canvasLayer() : this.svgLayer();
      if (many) layer.marks.push(m);
      this.groups[m] = many ? layer : { layer, node: layer.svg.appendChild(svgElement("g")) };
    }
  }

  // As many elements as a mark has items.
  fit(m, items) {
    const { layer, node } = this.groups[m];
    while (node.childNodes.length > items.length) node.lastChild.remove();
    this.nodes[m] = items.map(({ look: { k, clip } }, i) => {
      const one = node.childNodes[i] || node.appendChild(this.named(m, i));
      if (one.dataset.kind !== k || !one.hasChildNodes()) { // or it was to be painted in the next frame
        one.replaceChildren();
        one.dataset.kind = k;
        this.ways[m][i].repaint();
      }
      const url = clip ? `url(#${this.clipId(layer, clip)})` : "none";
      if (one.getAttribute("clip-path") !== url) one.setAttribute("clip-path", url);
      return one;
    });
  }

  named(m, item) {
    const node = svgElement("g");
    Object.assign(node.dataset, { name: this.marks[m].name, item });
    return node;
  }

  svgLayer() {
    const svg = svgElement("svg", { viewBox: `0 0 ${this.width} ${this.height}`, "aria-hidden": "true" });
    this.layers.append(svg);
    return { svg, clips: new Map() };
  }

  canvasLayer() {
    const canvas = element("canvas", "", { "aria-hidden": "true" });
    this.layers.append(canvas);
    return { canvas, pen: canvas.getContext("2d"), marks: [], blank: true };
  }

  clipId(layer, clip) {
    const key = clip.join();
    if (!layer.clips.has(key)) {
      const id = newId("clip"), [x, y, width, height] = clip;
      layer.svg.appendChild(svgElement("clipPath", { id })).append(svgElement("rect", { x, y, width, height }));
      layer.clips.set(key, id);
    }
    return layer.clips.get(key);
  }

  paintLayer({ canvas, pen, marks }) {
    const box = this.layers.clientWidth * devicePixelRatio;
    const width = Math.max(1, Math.round(box)), height = Math.max(1, Math.round((box * this.height) / this.width));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.setTransform(width / this.width, 0, 0, height / this.height, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    for (const m of marks) for (const item of this.shown[m]) paintOnCanvas(pen, item, this.dark);
  }

  repaint() {
    new Set(this.nodes.flat().filter((node) => node.pen)).forEach((layer) => this.paintLayer(layer));
    if (this.onDraw) this.onDraw();
  }

  // The page is dark now, or light.
  turn(dark) {
    this.dark = dark;
    this.skeleton = null;
  }

  remove() {
    cancelAnimationFrame(this.frame);
    this.frame = -1; // no further frame is asked for
    this.pixels.disconnect();
  }
}
