// A table that is built once and whose values change in place; a last part of it may be folded away.

const DOT = /^●(\d) /; // before a label: it tells of the group of this number

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function rowOf(label, value) {
  const row = element("tr", ""), head = element("th", "");
  const group = label.match(DOT);
  if (group) head.append(element("span", `hlm-dot hlm-group-${group[1]}`), label.replace(DOT, ""));
  else head.textContent = label;
  row.append(head);
  if (value === "") Object.assign(head, { colSpan: 2, scope: "colgroup", className: "hlm-part" });
  else {
    head.scope = "row";
    row.append(element("td", ""));
  }
  return row;
}

function render({ model, el }) {
  const box = element("div", "hlm-readout");
  el.append(box);
  let rows = [], open = false;

  function tableOf(caption, some) {
    const table = element("table", ""), body = element("tbody", "");
    if (caption) table.append(element("caption", "", caption));
    body.append(...some);
    table.append(body);
    return table;
  }

  function build() {
    const labels = model.get("labels"), values = model.get("values"), main = model.get("main");
    rows = labels.map((label, i) => rowOf(label, values[i]));
    box.replaceChildren(tableOf(model.get("caption"), rows.slice(0, main)));
    if (rows.length > main) {
      const fold = element("details", ""), summary = element("summary", "", "all numbers");
      fold.open = open;
      fold.addEventListener("toggle", () => { open = fold.open; });
      fold.append(summary, tableOf("", rows.slice(main)));
      box.append(fold);
    }
    fill();
  }

  function fill() {
    const values = model.get("values");
    if (rows.length !== values.length) return; // new labels are on their way
    rows.forEach((row, i) => {
      if (row.cells.length > 1 && row.cells[1].textContent !== values[i]) row.cells[1].textContent = values[i];
    });
  }

  const answers = { "change:caption": build, "change:labels": build, "change:main": build, "change:values": fill };
  for (const [name, answer] of Object.entries(answers)) model.on(name, answer);
  build();
  return () => {
    for (const [name, answer] of Object.entries(answers)) model.off(name, answer);
  };
}

export default { render };
