// The player: it steps a film's frame in time.

// One for a model, however many views show it. Python hears of the frame when it stops.
class Player {
  constructor(model) {
    this.model = model;
    this.onPlaying = () => (model.get("playing") ? this.start() : this.stop());
    this.onFilm = () => {
      clearTimeout(this.timer);
      if (model.get("playing")) this.start(); // the same film, in axes with other limits
    };
    model.on("change:playing", this.onPlaying);
    model.on("change:_film", this.onFilm);
  }

  start() {
    const film = this.model.get("_film");
    if (!film) return;
    if (this.model.get("frame") >= film.steps.length - 1) this.model.set("frame", 0);
    this.due = performance.now();
    if (film.rest != null && this.model.get("_source") !== "film") this.due += this.pause(film); // its beginning was not seen yet
    this.tick();
  }

  tick() {
    const film = this.model.get("_film"), last = film.steps.length - 1;
    const now = performance.now();
    if (now - this.due > 500) this.due = now; // the page slept
    let frame = this.model.get("frame");
    while (this.due <= now) {
      if (frame >= last) return tell(this.model, { frame: last, playing: false });
      frame += 1;
      this.due += this.pause(film);
    }
    this.model.set("frame", frame);
    this.timer = setTimeout(() => this.tick(), this.due - performance.now());
  }

  pause(film) { return ((film.seconds + film.hold) / this.model.get("speed")) * 1000; }

  stop() {
    clearTimeout(this.timer);
    this.model.save_changes();
  }

  remove() {
    clearTimeout(this.timer);
    this.model.off("change:playing", this.onPlaying);
    this.model.off("change:_film", this.onFilm);
  }
}
