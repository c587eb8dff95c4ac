// Hands: points pulled by pointer or by keys.

const REACH = 14; // pixels from a point within which it can be taken hold of

// The points of one artist. One drag is on its way to Python at a time; the last place always wins.
class Handle {
  constructor(view, mark) {
    Object.assign(this, { view, mark, index: 0, words: "", count: 0, name: `${Math.random()}`.slice(2) });
    this.knob = element("div", "stage-knob", { role: "slider", tabindex: 0, "aria-valuenow": 1, "aria-valuemin": 1 });
    this.knob.setAttribute("aria-label", `${view.picture.marks[mark].name}: ${HELP}`);
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

  // How far up and down there are axes, in the picture's pixels: their top and their height.
  get room() {
    const { clip } = this.item.look;
    return clip ? [clip[1], clip[3]] : [0, this.view.picture.height];
  }

  // Where the hand holds the point now; pictures that come meanwhile do not pull it back.
  hold(y, done) {
    if (!this.item || this.index >= this.item.x.length) return; // it went while it was held
    const [top, height] = this.room;
    this.held = { index: this.index, x: this.item.x[this.index], y: Math.max(top, Math.min(y, top + height)) };
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
    const choose = { Home: 0, End: order.length - 1, ArrowLeft: at - 1, ArrowRight: at + 1 };
    const way = { ArrowUp: -1, ArrowDown: 1 }[key];
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

  nudge(way, share) {
    const from = this.held ? this.held.y : this.item.y[this.index];
    this.hold(from + way * share * this.room[1], true);
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

const HELP = "left and right choose a point, up and down move it";

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
    this.handles = (this.view.model.get("_drags") || []).map((mark) => new Handle(this.view, mark));
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
    this.el.style.cursor = this.near(event) ? "ns-resize" : "";
  }

  pull(event, done) {
    const [, y] = this.at(event);
    this.taken.hold(y, done);
  }

  release(event) {
    if (!this.taken) return;
    this.pull(event, true);
    this.taken = null;
  }

  remove() { this.handles.forEach((handle) => handle.remove()); }
}
