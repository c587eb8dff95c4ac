// Tweens: an item on its way from what is seen to where it goes.

const LONGEST = 0.15; // seconds to any change but a film's own

const lerp = (a, b, u) => a + (b - a) * u;

function mixColors(a, b, u) {
  if (!a || !b || a.length !== b.length) return b;
  return b.map((to, i) => {
    const from = a[i];
    if (!from && !to) return null;
    const start = from || [...to.slice(0, 3), 0], end = to || [...from.slice(0, 3), 0];
    return end.map((v, j) => lerp(start[j], v, u));
  });
}

const mixNumbers = (a, b, u) => (a && b && a.length === b.length ? b.map((v, i) => lerp(a[i], v, u)) : b);

// One style for all parts.
const single = (look) => ["fill", "stroke", "w", "dash", "s"].every((key) => !look[key] || look[key].length === 1);

function ready(look) { // colours as numbers, once
  if (look.ready) return look.ready;
  const colors = (list) => list && list.map((hex) => hex && rgba(hex));
  const made = { ...look, fill: colors(look.fill), stroke: colors(look.stroke) };
  Object.defineProperty(look, "ready", { value: made, enumerable: false });
  return made;
}

const sameArray = (a, b) => a === b || (a.length === b.length && a.every((v, i) => v === b[i] || (v !== v && b[i] !== b[i])));

// One item on its way from what is seen now to where it goes.
class Way {
  constructor(from, to) {
    this.to = to;
    const fits = from && from.look.k === to.look.k && from.x.length === to.x.length && sameShape(from.look.d, to.look.d);
    this.from = fits ? from : null;
    this.mixes = !from || from.look !== to.look;
    this.restyle = this.mixes || !fits; // another number of marks: new ones have no pen yet
    this.still = Boolean(fits) && !this.mixes && sameArray(from.x, to.x) && sameArray(from.y, to.y);
    this.now = this.still || !fits ? to : { look: from.look, x: from.x.slice(), y: from.y.slice() };
  }

  // Its element is another, or looks otherwise: paint it whole.
  repaint() {
    this.still = false;
    this.restyle = true;
  }

  at(u) {
    if (u >= 1 || !this.from) return this.to;
    const { from, to, now } = this;
    for (const axis of ["x", "y"])
      for (let i = 0; i < now[axis].length; i++) {
        const v = lerp(from[axis][i], to[axis][i], u);
        now[axis][i] = v === v ? v : to[axis][i]; // not from or to nowhere
      }
    if (this.mixes)
      now.look = {
        ...to.look,
        fill: mixColors(from.look.fill, to.look.fill, u),
        stroke: mixColors(from.look.stroke, to.look.stroke, u),
        w: mixNumbers(from.look.w, to.look.w, u),
      };
    return now;
  }
}

const sameShape = (a, b) => a === b || String(a) === String(b);

// Items have a name where limits give and take them: ticks. The others keep their order.
function named(items) {
  const found = new Map();
  let rest = 0;
  items.forEach((item, place) => {
    const { key } = item.look;
    found.set(key && !found.has(key) ? key : (rest += 1), { item, place });
  });
  return found;
}

const unseen = ({ look, x, y }) => ({ look: { ...look, fill: look.fill && [null], stroke: look.stroke && [null] }, x, y });

// Each item's way from what was seen of it; a new tick comes out of nothing.
function waysTo(items, seen) {
  const before = named(seen);
  return [...named(items)].map(([name, { item, place }]) => {
    const was = before.get(name), fades = !was && seen.length && item.look.key && single(item.look);
    const way = new Way(was ? was.item : fades ? unseen(item) : undefined, item);
    if (was && was.place !== place) way.repaint();
    return way;
  });
}

const EASES = { linear: (u) => u, out: (u) => 1 - (1 - u) ** 3, inOut: (u) => (u < 0.5 ? 4 * u ** 3 : 1 - (2 - 2 * u) ** 3 / 2) };

function pinned(item, pin) {
  if (!pin || item.look.k === "text" || item.x.length <= pin.index) return item;
  const x = item.x.slice(), y = item.y.slice();
  x[pin.index] = pin.x;
  y[pin.index] = pin.y;
  return { look: item.look, x, y };
}
