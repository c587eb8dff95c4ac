// What the host calls: anywidget, with a model from the notebook.

function initialize({ model }) {
  keepWidgets(model.widget_manager);
  const hello = () => model.send({ type: "hello", version: model.get("_scene").version });
  const onMessage = (message, buffers) => {
    if (message.type !== "change") return;
    const scene = model.get("_scene");
    if (message.base !== scene.version) return hello();
    const state = patched(decoded(scene), message.patch, message.looks, floats(buffers[0]));
    encode(state, scene);
    scene.version = message.version;
  };
  const player = new Player(model);
  model.on("msg:custom", onMessage);
  hello();
  return () => {
    player.remove();
    model.off("msg:custom", onMessage);
  };
}

function render({ model, el }) {
  const view = new View(model, el);
  return () => view.remove();
}

export default { initialize, render };
