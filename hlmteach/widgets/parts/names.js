// Says what ipywidgets leaves unsaid: the names of sliders, which button is down, that Python is gone.

function set(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function labelOf(node) {
  const label = node.closest(":has(> .widget-label)")?.querySelector(".widget-label");
  return label ? label.textContent : "";
}

function name(box) {
  for (const handle of box.querySelectorAll(".widget-inline-hbox .noUi-handle")) set(handle, "aria-label", labelOf(handle));
  // what is typed over a step's name goes nowhere
  for (const step of box.querySelectorAll(".hlm-ladder .widget-readout")) set(step, "contenteditable", "false");
  for (const group of box.querySelectorAll(".widget-toggle-buttons")) {
    set(group, "role", "group");
    set(group, "aria-label", labelOf(group));
    for (const button of group.querySelectorAll("button")) set(button, "aria-pressed", String(button.classList.contains("mod-active")));
  }
}

// The room for the picture: its column's width, and the height that leaves controls on the screen.
const STEP = 8; // pixels; less is not worth a new picture
const NARROW = 480; // pixels; a picture with less stands where the page scrolls anyway
const LEAST = 225; // pixels; no picture is less high, the page rather scrolls
const COLUMN = 430; // pixels of the picture's column in a window of 800
const MOST = 560; // pixels of it in any window

function roomOf(root) {
  const column = root.querySelector(".hlm-picture"), picture = root.querySelector(".stage-picture");
  if (!column || !picture || !column.clientWidth) return null;
  const beside = column.offsetHeight - picture.offsetHeight, width = column.clientWidth;
  if (root.classList.contains("hlm-present")) {
    const table = root.querySelector(".hlm-readout");
    const abreast = table && table.getBoundingClientRect().left > column.getBoundingClientRect().right - 2;
    const row = Math.max(column.offsetHeight, abreast ? table.offsetHeight : 0);
    const below = root.querySelector(".hlm-printouts")?.offsetHeight ?? 0; // may stand below what the window shows
    const others = root.getBoundingClientRect().top + scrollY + root.offsetHeight - row - below;
    return [width, Math.max(LEAST, innerHeight - others - beside - 12)];
  }
  if (width < NARROW) return [width, 0];
  return [width, Math.max(LEAST, Math.min(MOST, COLUMN + (innerHeight - 800) / 2) - beside)];
}

class Room {
  constructor(root, model) {
    Object.assign(this, { root, model, told: model.get("room") });
    this.watch = new ResizeObserver(() => this.later());
    this.watch.observe(root);
    addEventListener("resize", (this.onResize = () => this.later()));
  }

  later() {
    const size = `${this.root.clientWidth} ${innerHeight}`;
    if (size !== this.size) Object.assign(this, { size, left: 3 }); // what is told changes what is left: few tries
    if (this.left <= 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), 150);
  }

  tell() {
    const room = roomOf(this.root);
    if (!room || room.every((v, i) => Math.abs(v - this.told[i]) < STEP)) return;
    this.left -= 1;
    this.told = room;
    this.model.set("room", room);
    this.model.save_changes();
    this.later();
  }

  remove() {
    clearTimeout(this.timer);
    this.watch.disconnect();
    removeEventListener("resize", this.onResize);
  }
}

// A control is moved of which no Python hears: the notebook was opened again, or its kernel is another.
const MOVED = ".hlm-controls, .hlm-tools, .hlm-stream, .hlm-equation, .stage-picture:has(.stage-knob)";
const GONE = "This is the picture as it was saved: its controls change nothing now. "
  + "Run the cell above it (Shift + Enter), and they work again.";

function sayGone(root, el) {
  return ({ target, key }) => {
    if (!root.classList.contains("jupyter-widgets-disconnected") || key === "Tab" || !target.closest?.(MOVED)) return;
    el.hidden = false;
    el.textContent = GONE;
  };
}

function render({ model, el }) {
  keepKeys(".hlm-widget");
  el.hidden = true;
  el.classList.add("hlm-message");
  el.setAttribute("role", "status");
  let frame = 0, room = null;
  const ends = new AbortController(), { signal } = ends;
  const observer = new MutationObserver((changes) => new Set(changes.map((c) => c.target.closest(".hlm-controls"))).forEach((box) => box && name(box)));
  const start = () => {
    const root = el.closest(".hlm-widget");
    if (!root) return (frame = requestAnimationFrame(start)); // not on the page yet
    room = new Room(root, model);
    for (const act of ["pointerdown", "keydown"]) root.addEventListener(act, sayGone(root, el), { capture: true, signal });
    for (const box of root.querySelectorAll(".hlm-controls")) {
      name(box);
      observer.observe(box, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
    }
  };
  frame = requestAnimationFrame(start);
  return () => {
    cancelAnimationFrame(frame);
    ends.abort();
    observer.disconnect();
    room?.remove();
  };
}

function initialize({ model }) {
  keepWidgets(model.widget_manager);
}

export default { initialize, render };
