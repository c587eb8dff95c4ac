// Python and R behind one fold, each with a button that copies it.

const NAMES = { python: "Python", r: "R" };

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

async function copy(text, block) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // A page that did not come by https has no clipboard; the old way works there.
  const range = document.createRange(), selection = getSelection();
  range.selectNodeContents(block);
  selection.removeAllRanges();
  selection.addRange(range);
  document.execCommand("copy");
}

function block(model, language) {
  const box = element("div", "hlm-code-block"), bar = element("div", "hlm-code-bar");
  const button = Object.assign(element("button", "hlm-copy", "Copy"), { type: "button" });
  button.setAttribute("aria-label", `Copy the ${NAMES[language]} code`);
  const code = element("code", ""), pre = element("pre", "");
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", `${NAMES[language]} code`);
  pre.setAttribute("role", "region");
  pre.append(code);
  button.addEventListener("click", async () => {
    await copy(model.get(language), code);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  bar.append(element("span", "", NAMES[language]), button);
  box.append(bar, pre);
  const fill = () => { code.textContent = model.get(language); };
  fill();
  return { box, fill };
}

function render({ model, el }) {
  const fold = element("details", "hlm-code");
  fold.open = model.get("opened");
  fold.append(element("summary", "", "Show the code"));
  const both = element("div", "hlm-code-both");
  fold.append(both);
  const undo = Object.keys(NAMES).map((language) => {
    const { box, fill } = block(model, language);
    both.append(box);
    model.on(`change:${language}`, fill);
    return () => model.off(`change:${language}`, fill);
  });
  fold.addEventListener("toggle", () => {
    if (model.get("opened") === fold.open) return;
    model.set("opened", fold.open);
    model.save_changes();
  });
  el.append(fold);
  return () => undo.forEach((one) => one());
}

export default { render };
