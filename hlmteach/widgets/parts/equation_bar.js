// An equation whose symbols are buttons: point at one, or tab to it, and it is lit; press to keep it lit.

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function render({ model, el }) {
  let pinned = model.get("value"), mine = pinned;
  const box = element("div", "hlm-equation"), note = element("div", "hlm-equation-note");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "The equation. Each symbol lights up its part of the picture.");
  const row = element("div", "hlm-equation-row"); // the note stands beside a short equation
  row.append(box, note);
  el.append(row);

  function light(name) {
    if (model.get("value") === name) return;
    mine = name;
    model.set("value", name);
    model.save_changes();
  }

  function symbol(token) {
    const button = Object.assign(element("button", "hlm-symbol"), { type: "button", title: token.title });
    button.dataset.name = token.name;
    button.style.setProperty("--part", token.color);
    const sign = element("span", "hlm-sign", token.base);
    sign.append(element("sub", "", token.sub));
    button.append(sign, element("span", "hlm-value"));
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => light(token.name));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => light(pinned));
    button.addEventListener("click", () => {
      pinned = pinned === token.name ? "" : token.name;
      light(pinned);
      mark();
    });
    return button;
  }

  const shape = () => model.get("tokens").map((token) => token.name + token.base + token.sub).join(" ");
  let built = null;

  function fill() {
    const tokens = model.get("tokens");
    if (shape() !== built) {
      built = shape();
      box.replaceChildren(...tokens.map((t) => (t.name ? symbol(t) : element("span", "hlm-plain", t.base))));
    }
    tokens.forEach((token, i) => {
      if (!token.name) return;
      const button = box.children[i];
      button.lastChild.textContent = token.value;
      button.setAttribute("aria-label", `${token.title}: ${token.value}`);
    });
    note.textContent = model.get("note");
    mark();
  }

  function mark() {
    const lit = model.get("value");
    if (lit !== mine) pinned = mine = lit;
    for (const button of box.querySelectorAll("button")) {
      button.classList.toggle("hlm-lit", button.dataset.name === lit);
      button.setAttribute("aria-pressed", String(button.dataset.name === pinned));
    }
  }

  const answers = { "change:tokens": fill, "change:note": fill, "change:value": mark };
  for (const [name, answer] of Object.entries(answers)) model.on(name, answer);
  fill();
  return () => {
    for (const [name, answer] of Object.entries(answers)) model.off(name, answer);
  };
}

export default { render };
