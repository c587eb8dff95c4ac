// The view: one picture of a model on the page, with all its parts, kept as the model says.

class View {
  constructor(model, el) {
    this.model = model;
    this.root = element("div", "stage");
    el.append(this.root);
    keepKeys(".stage");
    this.picture = new Picture(this.root.appendChild(element("div", "stage-picture")));
    this.picture.dark = this.tellDark(isDark(this.root));
    this.reels = { film: new Film(this), table: new Table(this) };
    this.status = element("div", "stage-status", { role: "status", "aria-live": "polite" });
    this.hands = new Hands(this);
    this.keepers = new Keepers(model, this.picture);
    this.picture.onDraw = () => this.hands.place();
    const foot = element("div", "stage-foot");
    foot.append(this.status, this.keepers.box);
    for (const reel of Object.values(this.reels)) this.root.append(reel.bar, reel.caption);
    this.root.append(foot);
    this.watch();
    this.watchTheme();
    this.takeScene();
    Object.values(this.reels).forEach((reel) => reel.load());
    this.hands.load();
    this.show(model.get("_source"), 0);
    this.setStatus();
  }

  watch() {
    const { film, table } = this.reels;
    const answers = {
      "change:alt": () => this.setAlt(),
      "change:status": () => this.setStatus(),
      "change:_scene": () => this.onScene(),
      "change:_change": () => this.onChange(),
      "change:_film": () => { film.load(); this.show(this.model.get("_source"), 0); },
      "change:_table": () => { table.load(); this.show(this.model.get("_source"), 0); },
      "change:_source": () => this.showing !== this.model.get("_source") && this.show(this.model.get("_source"), 0),
      "change:_drags": () => this.hands.load(),
      "change:frame": () => film.onPlace(),
      "change:index": () => table.onPlace(),
      "change:playing": () => film.refresh(),
      "change:speed": () => film.refresh(),
      "msg:custom": (message, buffers) => {
        if (message.type === "file") this.keepers.onFile(message, buffers);
      },
    };
    this.listeners = Object.entries(answers);
    this.listeners.forEach(([name, answer]) => this.model.on(name, answer));
  }

  setAlt() {
    const reel = this.reels[this.showing], caption = reel && reel.data ? reel.data.captions[reel.place] : "";
    this.picture.layers.setAttribute("aria-label", [this.model.get("alt"), caption].filter(Boolean).join(" "));
  }

  setStatus() { this.status.textContent = this.model.get("status"); }

  takeScene() {
    const scene = this.model.get("_scene");
    this.picture.setScene(scene);
    this.live = decoded(scene);
  }

  // A patch came; the model's own copy has taken it in already.
  onChange() {
    this.live = decoded(this.model.get("_scene"));
    this.reels.film.outdated = true;
    this.model.set("_source", "scene");
    this.show("scene", this.lapse());
  }

  // There are other artists than before, or the picture has another size.
  onScene() {
    this.takeScene();
    this.show(this.model.get("_source"), this.lapse());
  }

  // How long the way to a change may take: as long as they are apart; a lone one is there at once.
  lapse() {
    const now = performance.now(), apart = (now - (this.lastChange ?? -1e9)) / 1000;
    this.lastChange = now;
    return apart > 2 * LONGEST ? 0 : Math.min(LONGEST, apart);
  }

  show(source, seconds, ease) {
    const reel = this.reels[source];
    this.showing = reel && reel.data ? source : "scene";
    this.setAlt();
    for (const [name, one] of Object.entries(this.reels)) {
      const speaks = one.data && (name === this.showing || one.data.rest != null);
      one.caption.style.visibility = speaks ? "" : "hidden";
      one.refresh();
    }
    const shown = this.reels[this.showing];
    this.picture.go(shown ? shown.state() : this.live, seconds, ease);
  }

  watchTheme() {
    this.look = () => {
      const dark = isDark(this.root);
      if (dark === this.picture.dark) return;
      this.picture.turn(this.tellDark(dark));
      this.show(this.showing, 0);
    };
    this.sizes = new ResizeObserver(this.look); // a page that puts the element up later says its ink only then
    this.sizes.observe(this.root);
    this.themes = new MutationObserver(this.look);
    const attributeFilter = ["class", "style", "data-jp-theme-light", "data-theme", "data-vscode-theme-kind"];
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, { attributes: true, attributeFilter });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.look);
  }

  // The browser's own parts, such as the slider of a story, are dark too.
  tellDark(dark) {
    this.root.style.colorScheme = dark ? "dark" : "light";
    return dark;
  }

  remove() {
    this.gone = true;
    this.listeners.forEach(([name, answer]) => this.model.off(name, answer));
    this.sizes.disconnect();
    this.themes.disconnect();
    this.scheme.removeEventListener("change", this.look);
    this.hands.remove();
    this.keepers.remove();
    this.picture.remove();
    this.root.remove();
  }
}
