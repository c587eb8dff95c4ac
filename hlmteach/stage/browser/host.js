// What the host calls: anywidget, with a model from the notebook.

function initialize({ model }) {
  keepWidgets(model.widget_manager);
  const hello = () => model.send({ type: "hello", version: model.get("_scene").version });
  const onChange = () => {
    const change = model.get("_change"), scene = model.get("_scene");
    if (change.base !== scene.version) return hello();
    encode(patched(decoded(scene), change.patch, change.looks, floats(change.values)), scene);
    scene.version = change.version;
  };
  const player = new Player(model);
  model.on("change:_change", onChange);
  hello();
  return () => {
    player.remove();
    model.off("change:_change", onChange);
  };
}

function render({ model, el }) {
  const view = new View(model, el);
  return () => view.remove();
}

export default { initialize, render };
