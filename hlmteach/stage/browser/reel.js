// Reels: what was recorded ahead, with a slider and a caption; a film's keyframes, a table's states.

// What a film and a table share: states, a slider, a caption; `trait` says which of them is shown.
class Reel {
  constructor(view, source, trait) {
    Object.assign(this, { view, source, trait, model: view.model });
    this.bar = element("div", "stage-bar", { role: "group" });
    this.range = element("input", "", { type: "range", min: 0, step: 1 });
    this.range.addEventListener("input", () => this.jump(+this.range.value));
    this.count = element("span", "stage-count", { "aria-hidden": "true" });
    this.caption = element("div", "stage-caption", { "aria-live": "polite" });
  }

  load() {
    const data = this.model.get(`_${this.source}`);
    this.data = data;
    this.outdated = false;
    this.states = data ? filmStates(data) : [];
    this.bar.hidden = this.caption.hidden = !data;
    if (!data) return;
    this.range.max = this.states.length - 1;
    this.refresh();
  }

  get place() { return this.clamp(this.model.get(this.trait)); }

  clamp(place) { return Math.max(0, Math.min(place, this.states.length - 1)); }

  // The scene, with what is recorded in place of what it says.
  state() {
    const state = this.view.live.slice();
    for (const mark of this.data.movers) state[mark] = this.states[this.place][mark] || [];
    return state;
  }

  jump(place) { tell(this.model, { playing: false, [this.trait]: this.clamp(place), _source: this.source }); }

  onPlace() {
    if (!this.data || this.loading) return;
    const [seconds, ease] = this.pace();
    this.view.show(this.source, seconds, ease);
    this.model.set("_source", this.source);
    this.refresh();
  }

  pace() { return [Math.min(LONGEST, this.data.seconds), "out"]; }

  refresh() {
    if (!this.data) return;
    const place = this.place, words = `${place + 1} of ${this.states.length}`;
    this.range.value = place;
    this.range.setAttribute("aria-valuetext", [words, this.data.captions[place]].filter(Boolean).join(": "));
    this.count.textContent = `${place + 1} / ${this.states.length}`;
    this.caption.textContent = this.says(this.data.captions[place]);
  }

  says(caption) { return caption; }
}

// What a story says of itself while the picture shows something else.
const WAITS = "▶ tells how this picture comes about.";
const OUTDATED = "This story tells of the setting before. A new one is coming.";
const ELSEWHERE = "This story tells of the first setting.";

class Film extends Reel {
  constructor(view) {
    super(view, "film", "frame");
    this.bar.setAttribute("aria-label", "Animation");
    this.range.setAttribute("aria-label", "Keyframe");
    this.play = button("play", "Play", () => tell(this.model, { playing: !this.model.get("playing"), _source: "film" }));
    this.speed = element("select", "", { "aria-label": "Speed" });
    for (const speed of [0.25, 0.5, 1, 2, 4]) this.speed.append(new Option(`${speed}×`, speed));
    this.speed.addEventListener("change", () => tell(this.model, { speed: +this.speed.value }));
    this.bar.append(
      this.play,
      button("start", "Back to the start", () => this.jump(0)),
      button("back", "Step back", () => this.jump(this.place - 1)),
      button("forward", "Step forward", () => this.jump(this.place + 1)),
      button("end", "To the end", () => this.jump(Infinity)),
      this.range, this.count, this.speed,
    );
  }

  // A story of what has settled waits at its beginning.
  load() {
    const data = this.model.get("_film");
    this.loading = true;
    if (data && data.rest != null && this.view.showing !== "film") this.model.set("frame", 0);
    this.loading = false;
    super.load();
  }

  // Whether the picture shows another state than the one that has settled.
  get tells() { return Boolean(this.data) && this.view.showing === "film" && this.data.rest != null && this.place !== this.data.rest; }

  says(caption) {
    if (this.view.showing === "film" || this.data.rest == null) return caption;
    if (this.view.showing === "table") return ELSEWHERE;
    return this.outdated ? OUTDATED : WAITS;
  }

  pace() {
    if (!this.model.get("playing")) return super.pace();
    const seconds = this.place === 0 ? 0 : this.data.seconds / this.model.get("speed");
    return [seconds, this.data.hold ? "inOut" : "linear"];
  }

  refresh() {
    super.refresh();
    if (!this.data) return;
    const playing = this.model.get("playing");
    relabel(this.play, playing ? "pause" : "play", playing ? "Pause" : "Play");
    const speed = this.model.get("speed");
    if (![...this.speed.options].some((option) => +option.value === speed)) this.speed.append(new Option(`${speed}×`, speed));
    this.speed.value = speed;
    this.count.hidden = this.view.showing !== "film" && this.data.rest != null;
    this.view.root.classList.toggle("stage-telling", this.tells);
    this.caption.setAttribute("aria-live", playing ? "off" : "polite");
  }
}

class Table extends Reel {
  constructor(view) {
    super(view, "table", "index");
    this.bar.setAttribute("aria-label", "Precomputed states");
    this.range.setAttribute("aria-label", "State");
    this.label = element("span", "stage-label");
    this.label.textContent = "precomputed";
    this.bar.append(this.label, this.range, this.count);
  }

  load() {
    super.load();
    this.range.hidden = this.count.hidden = !this.model.alone; // a notebook has sliders of its own
  }
}
