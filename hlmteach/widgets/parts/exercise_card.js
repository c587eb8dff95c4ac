// An exercise: question, answer, check, hints. Python judges; this shows, and keeps the answer in
// the notebook's metadata where the front end lets it (JupyterLab, Notebook 7).

const KEY = "hlmteach";
const SIGNS = { right: "✓", mistake: "✗", wrong: "✗", close: "≈", malformed: "?", blank: "?", written: "✎" };
let made = 0;

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A printout between ```, `code`, **what a control is called** and *stress* of the question's text;
// all else stays text (exercises/marked.py).
function words(text) {
  return text.split(/(```\n[^]*?\n```|`[^`]+`|\*\*[^*\s][^*]*\*\*|\*[^*\s][^*]*\*(?!\w))/).map((part) => {
    if (/^```\n/.test(part)) return element("pre", {}, part.slice(4, -4));
    if (/^`.+`$/.test(part)) return element("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return element("strong", {}, part.slice(2, -2));
    if (/^\*[^*\s][^*]*\*$/.test(part)) return element("em", {}, part.slice(1, -1));
    return part;
  });
}

function refill(node, ...children) {
  node.replaceChildren(...children);
}

// ---- the notebook's metadata

function notebook(model) {
  const found = model.widget_manager?.context?.model;
  return typeof found?.setMetadata === "function" ? found : null;
}

function kept(model) {
  const answers = notebook(model)?.getMetadata(KEY)?.answers;
  return answers?.[model.get("exercise")];
}

function keep(model) {
  const book = notebook(model);
  const record = model.get("record");
  if (!book || book.readOnly || !record.exercise) return;
  const all = book.getMetadata(KEY) ?? {};
  const old = all.answers?.[record.exercise];
  if (JSON.stringify(old) === JSON.stringify(record)) return;
  book.setMetadata(KEY, { ...all, answers: { ...all.answers, [record.exercise]: record } });
}

function initialize({ model }) {
  keepWidgets(model.widget_manager);
  const old = kept(model);
  if (old) {
    model.set("recalled", old);
    model.save_changes();
  }
  model.on("change:record", () => keep(model));
  if (model.get("record").status || model.get("record").answer != null) keep(model);
}

// ---- the fields, one kind each: { node, read(), show(answer) }

function textField(model, id) {
  const input = element("input", {
    id, type: "text", autocomplete: "off", spellcheck: "false", maxlength: model.get("longest"),
    "aria-describedby": `${id}-expected`, class: "hlm-ex-text",
  });
  const label = element("label", { for: id }, "Your answer");
  const show = (answer) => {
    const text = answer == null || typeof answer === "object" ? "" : String(answer); // a browser's Python: undefined
    if (answer && typeof answer === "object" && "loglik" in answer) input.value = answer.loglik.toFixed(2);
    else input.value = text;
  };
  return { node: element("div", { class: "hlm-ex-field" }, label, input), read: () => input.value, show };
}

function optionField(model, id, type) {
  const options = Object.entries(model.get("options"));
  const boxes = options.map(([letter]) => element("input", { type, name: id, value: letter, id: `${id}-${letter}` }));
  const rows = options.map(([letter, text], i) =>
    element("div", { class: "hlm-ex-option" }, boxes[i],
      element("label", { for: `${id}-${letter}` }, `${letter}) `, ...words(text))));
  const legend = element("legend", {}, type === "radio" ? "Choose one" : "Choose all that apply");
  return {
    node: element("fieldset", { class: "hlm-ex-field", "aria-describedby": `${id}-expected` }, legend, ...rows),
    read: () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      return type === "radio" ? (chosen[0] ?? "") : chosen;
    },
    show: (answer) => {
      const chosen = Array.isArray(answer) ? answer.join("") : String(answer ?? "");
      for (const box of boxes) box.checked = chosen.toLowerCase().includes(box.value);
    },
  };
}

function stateField(model, id) {
  const inputs = Object.keys(model.get("controls")).map((name) => [name, element("input", {
    id: `${id}-${name}`, type: "text", autocomplete: "off", maxlength: "40", class: "hlm-ex-text",
  })]);
  const rows = inputs.flatMap(([name, input]) =>
    [element("label", { for: `${id}-${name}` }, model.get("controls")[name]), input]);
  return {
    node: element("fieldset", { class: "hlm-ex-field" }, element("legend", {}, "Your setting"),
      element("div", { class: "hlm-ex-settings" }, ...rows)),
    read: () => Object.fromEntries(inputs.map(([name, input]) => [name, input.value])),
    show: (answer) => {
      for (const [name, input] of inputs) {
        const value = answer?.[name] ?? "";
        input.value = typeof value === "number" ? Number(value.toPrecision(10)) : value; // a slider's 1.05, not 1.0499999999999998
      }
    },
  };
}

// Own words, and beside them, once there are any, the model answer with its points to tick.
function wordsField(model, id) {
  const area = element("textarea", {
    id, rows: "6", maxlength: model.get("longest"), "aria-describedby": `${id}-expected`, class: "hlm-ex-text",
  });
  const points = Object.entries(model.get("rubric"));
  const boxes = points.map(([letter]) => element("input", { type: "checkbox", value: letter, id: `${id}-${letter}` }));
  const rows = points.map(([letter, text], i) =>
    element("div", { class: "hlm-ex-option" }, boxes[i], element("label", { for: `${id}-${letter}` }, ...words(text))));
  const answer = element("p", {});
  const beside = element("section", { class: "hlm-ex-model", "aria-labelledby": `${id}-model` },
    element("div", { id: `${id}-model`, class: "hlm-ex-title", role: "heading", "aria-level": "5" }, "Model answer"), answer,
    element("fieldset", { class: "hlm-ex-field" }, element("legend", {}, "Did you say that?"), ...rows));
  beside.addEventListener("change", (event) => {
    event.stopPropagation();
    model.send({ verb: "tick", ticks: boxes.filter((box) => box.checked).map((box) => box.value).join("") });
  });
  return {
    node: element("div", { class: "hlm-ex-words" },
      element("div", {}, element("label", { for: id }, "In your own words"), area), beside),
    read: () => area.value,
    show: (text) => { area.value = typeof text === "string" ? text : ""; },
    showBeside: () => {
      beside.hidden = !model.get("solution");
      refill(answer, ...words(model.get("solution")));
      for (const box of boxes) box.checked = (model.get("record").ticks ?? "").includes(box.value);
    },
  };
}

function field(model, id) {
  const kind = model.get("kind");
  if (kind === "words") return wordsField(model, id);
  if (kind === "choice") return optionField(model, id, "radio");
  if (kind === "choices") return optionField(model, id, "checkbox");
  return kind === "state" ? stateField(model, id) : textField(model, id);
}

// ---- the card

const GONE = ".jupyter-widgets-disconnected";
const NOT_HEARD = "Python does not run for this card, so nothing is checked or kept now. Run the cell above it (Shift + Enter), then answer.";
const isSave = ({ key, ctrlKey, metaKey }) => key.toLowerCase() === "s" && (ctrlKey || metaKey);

function button(label, type = "button") {
  return element("button", { type, class: "hlm-ex-button" }, label);
}

function render({ model, el }) {
  const id = `hlm-ex-${model.get("exercise")}-${++made}`;
  const answer = field(model, id);
  const check = button(answer.showBeside ? "Keep" : "Check", "submit");
  const hint = button("Hint");
  const solution = button("Worked answer");
  const feedback = element("div", { class: "hlm-ex-feedback", role: "status", "aria-live": "polite", "aria-atomic": true });
  const help = element("div", { class: "hlm-ex-help", role: "status", "aria-live": "polite" });
  const tally = element("span", { class: "hlm-ex-tally" });
  const expected = element("div", { id: `${id}-expected`, class: "hlm-ex-expected" }, `Expected: ${model.get("expected")}.`);
  const form = element("form", { class: "hlm-ex", novalidate: true, "aria-labelledby": `${id}-title` },
    element("div", { id: `${id}-title`, class: "hlm-ex-title", role: "heading", "aria-level": "4" },
      `Exercise ${model.get("exercise")} · ${model.get("title")}`),
    element("div", { class: "hlm-ex-question" }, ...words(model.get("text"))),
    answer.node, expected,
    element("div", { class: "hlm-ex-row" }, check, hint, solution, tally),
    feedback, help);

  let sent = ""; // what the kernel knows of the answer
  const send = (verb) => {
    if (el.closest(GONE)) return refill(help, element("p", {}, NOT_HEARD));
    sent = JSON.stringify(answer.read());
    model.send({ verb, answer: answer.read() });
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); send("check"); });
  form.addEventListener("change", () => send("keep"));
  hint.addEventListener("click", () => send("hint"));
  solution.addEventListener("click", () => send("solution"));
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return; // those are the page's
    event.stopPropagation();
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    send("check");
  });
  // What is typed and not yet kept goes into the file too: the page saves once it is on record.
  const keepThenSave = (event) => {
    if (!isSave(event) || !form.contains(event.target) || sent === JSON.stringify(answer.read()) || el.closest(GONE)) return;
    const again = () => { clearTimeout(patience); model.off("change:record", again); event.target.dispatchEvent(new KeyboardEvent("keydown", event)); };
    const patience = setTimeout(again, 1000);
    event.preventDefault();
    event.stopImmediatePropagation();
    model.on("change:record", again);
    send("keep");
  };
  keepKeys(".hlm-ex");
  window.addEventListener("keydown", keepThenSave, true);

  const showAnswer = () => {
    const answered = model.get("record").answer;
    if (form.contains(document.activeElement) && answered != null) return;
    answer.show(answered);
    sent = JSON.stringify(answer.read());
  };
  const showFeedback = () => {
    const [status, text] = [model.get("status"), model.get("feedback")];
    form.dataset.status = status;
    const sign = element("span", { class: "hlm-ex-sign", "aria-hidden": "true" }, SIGNS[status] ?? "");
    refill(feedback, ...(text ? [sign, element("span", {}, ...words(text))] : []));
  };
  const showHelp = () => {
    const told = model.get("solution") && !answer.showBeside ? [model.get("solution")] : [];
    const lines = [...model.get("hints"), ...told];
    refill(help, ...lines.map((line) => element("p", {}, ...words(line))));
    hint.disabled = model.get("hints").length >= model.get("hints_in_all");
    hint.hidden = !model.get("hints_in_all");
    solution.hidden = !model.get("may_see_solution") || Boolean(answer.showBeside);
  };
  const showTally = () => { tally.textContent = model.get("tally"); };
  const shows = [["record", showAnswer], ["feedback", showFeedback], ["status", showFeedback], ["hints", showHelp],
    ["solution", showHelp], ["may_see_solution", showHelp], ["tally", showTally]];
  if (answer.showBeside) shows.push(["record", answer.showBeside], ["solution", answer.showBeside]);
  for (const [name, show] of shows) model.on(`change:${name}`, show);
  for (const show of new Set(shows.map(([, show]) => show))) show();
  answer.show(model.get("record").answer);
  sent = JSON.stringify(answer.read());
  el.append(form);
  return () => {
    window.removeEventListener("keydown", keepThenSave, true);
    for (const [name, show] of shows) model.off(`change:${name}`, show);
  };
}

export default { initialize, render };
