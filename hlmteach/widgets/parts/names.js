// Says to a screen reader what ipywidgets leaves unsaid: the names of sliders, which button is down.

function set(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function labelOf(node) {
  const label = node.closest(":has(> .widget-label)")?.querySelector(".widget-label");
  return label ? label.textContent : "";
}

function name(box) {
  for (const handle of box.querySelectorAll(".widget-inline-hbox .noUi-handle")) set(handle, "aria-label", labelOf(handle));
  for (const group of box.querySelectorAll(".widget-toggle-buttons")) {
    set(group, "role", "group");
    set(group, "aria-label", labelOf(group));
    for (const button of group.querySelectorAll("button")) set(button, "aria-pressed", String(button.classList.contains("mod-active")));
  }
}

// The room for the picture: the width of its box, and on a projector's page what is left of the window.
const STEP = 8; // pixels; less is not worth a new picture
const LEAST = 390; // pixels; a projector's picture is no less high, the page rather scrolls

function roomOf(root) {
  const body = root.querySelector(".hlm-body"), picture = root.querySelector(".stage-picture");
  if (!body || !picture || !body.clientWidth) return null;
  if (!root.classList.contains("hlm-present")) return [body.clientWidth, 0];
  const table = root.querySelector(".hlm-readout")?.offsetWidth ?? 0;
  const beside = table && body.clientWidth - table > 1.6 * table;
  const width = body.clientWidth - (beside ? table + 40 : 0);
  const rest = root.getBoundingClientRect().top + scrollY + root.offsetHeight - body.offsetHeight;
  const below = picture.parentNode.offsetHeight - picture.offsetHeight;
  return [width, Math.max(LEAST, innerHeight - rest - below - 24)];
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

function render({ model, el }) {
  el.hidden = true;
  let frame = 0, room = null;
  const observer = new MutationObserver((changes) => new Set(changes.map((c) => c.target.closest(".hlm-controls"))).forEach((box) => box && name(box)));
  const start = () => {
    const root = el.closest(".hlm-widget");
    if (!root) return (frame = requestAnimationFrame(start)); // not on the page yet
    room = new Room(root, model);
    for (const box of root.querySelectorAll(".hlm-controls")) {
      name(box);
      observer.observe(box, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
    }
  };
  frame = requestAnimationFrame(start);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    room?.remove();
  };
}

export default { render };
