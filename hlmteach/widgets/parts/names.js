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

function render({ el }) {
  el.hidden = true;
  let frame = 0;
  const observer = new MutationObserver((changes) => new Set(changes.map((c) => c.target.closest(".hlm-controls"))).forEach((box) => box && name(box)));
  const start = () => {
    const root = el.closest(".hlm-widget");
    if (!root) return (frame = requestAnimationFrame(start)); // not on the page yet
    for (const box of root.querySelectorAll(".hlm-controls")) {
      name(box);
      observer.observe(box, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
    }
  };
  frame = requestAnimationFrame(start);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  };
}

export default { render };
