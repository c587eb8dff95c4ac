// A table that is built once and whose values change in place.

function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "hlm-readout";
  el.append(table);

  function build() {
    const caption = document.createElement("caption");
    caption.textContent = model.get("caption");
    const rows = model.get("labels").map((label, i) => {
      const row = document.createElement("tr"), head = document.createElement("th");
      head.textContent = label;
      row.append(head);
      if (model.get("values")[i] === "") Object.assign(head, { colSpan: 2, scope: "colgroup", className: "hlm-head" });
      else {
        head.scope = "row";
        row.append(document.createElement("td"));
      }
      return row;
    });
    const body = document.createElement("tbody");
    body.append(...rows);
    table.replaceChildren(caption, body);
    fill();
  }

  function fill() {
    const values = model.get("values"), rows = table.querySelectorAll("tr");
    if (rows.length !== values.length) return; // new labels are on their way
    rows.forEach((row, i) => {
      if (row.cells.length > 1 && row.cells[1].textContent !== values[i]) row.cells[1].textContent = values[i];
    });
  }

  const answers = { "change:caption": build, "change:labels": build, "change:values": fill };
  for (const [name, answer] of Object.entries(answers)) model.on(name, answer);
  build();
  return () => {
    for (const [name, answer] of Object.entries(answers)) model.off(name, answer);
  };
}

export default { render };
