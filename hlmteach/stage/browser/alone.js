// Without kernel or widget manager: a model of the page's own.

class PlainModel {
  constructor(values) {
    this.values = values;
    this.answers = {};
    this.alone = true;
  }
  get(name) { return this.values[name]; }
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    (this.answers[`change:${name}`] || []).forEach((answer) => answer());
  }
  on(name, answer) { (this.answers[name] ||= []).push(answer); }
  off(name, answer) { this.answers[name] = (this.answers[name] || []).filter((one) => one !== answer); }
  save_changes() {}
  send() {}
}

function fromBase64(key, value) {
  if (!value || typeof value.base64 !== "string") return value;
  return new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer);
}

// Brings every fragment that `Stage.to_html` wrote under this key to life.
function mountAll(key) {
  for (const el of document.querySelectorAll(`[data-stage="${key}"]:not([data-live])`)) {
    el.dataset.live = "true";
    const model = new PlainModel({ playing: false, ...JSON.parse(el.querySelector("script").textContent, fromBase64) });
    el.model = model; // for a page with controls of its own
    initialize({ model });
    render({ model, el });
  }
}
