// A notebook keeps its widgets: they are saved with it, and stay in it until their cell is run again.

const WIDGETS = "application/vnd.jupyter.widget-state+json";
const SHOWN = "application/vnd.jupyter.widget-view+json";
const KEPT = Symbol.for("stage: keeps widgets"); // several scripts have this part

// JupyterLab saves widgets only where a setting says so, and of those only what Python still knows.
function keepWidgets(manager) {
  const context = manager?.context, book = context?.model;
  if (!manager?.get_state_sync || !book?.setMetadata || manager[KEPT]) return;
  manager[KEPT] = true;
  const known = manager.get_state_sync.bind(manager);
  manager.get_state_sync = (options) => withSaved(known(options), book);
  context.saveState.connect((_, step) => {
    if (step !== "started" || book.readOnly) return;
    const state = manager.get_state_sync({ drop_defaults: true });
    book.setMetadata("widgets", { ...book.getMetadata("widgets"), [WIDGETS]: state });
  });
}

// What outputs show, and all that is inside of it, as it was saved where nobody knows it any more.
function withSaved(known, book) {
  const saved = book.getMetadata("widgets")?.[WIDGETS]?.state ?? {}, state = { ...known.state };
  const waiting = shownIn(book);
  while (waiting.length) {
    const id = waiting.pop();
    if (state[id] || !saved[id]) continue;
    state[id] = saved[id];
    for (const [, part] of JSON.stringify(saved[id].state).matchAll(/IPY_MODEL_(\w+)/g)) waiting.push(part);
  }
  return { ...known, state };
}

function shownIn(book) {
  const outputs = book.toJSON().cells.flatMap((cell) => cell.outputs ?? []);
  return outputs.map(({ data }) => data?.[SHOWN]?.model_id).filter(Boolean);
}
