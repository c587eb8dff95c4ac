// States (the items of each mark) from what Python sends, and back into the scene that the model holds.

// x and y of items lie in one pool of numbers, each named by its first and how many it has.
const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

function patched(state, patch, looks, values) {
  const next = state.slice();
  const column = (place, old) => (place ? values.subarray(place[0], place[0] + place[1]) : old);
  const mine = (mark) => (next[mark] === state[mark] ? (next[mark] = (next[mark] || []).slice()) : next[mark]);
  for (const [mark, count] of patch.n) mine(mark).length = Math.min(count, mine(mark).length);
  for (const [mark, place, look, x, y] of patch.set) {
    const items = mine(mark), old = items[place] || {};
    items[place] = {
      look: look === null ? old.look : looks[look],
      x: column(x, old.x),
      y: column(y, old.y),
    };
  }
  return next;
}

const decoded = (scene) =>
  patched(scene.marks.map(() => []), scene.patch, scene.looks, floats(scene.values));

// Writes a state into the scene that the model holds, so that later views and the saved notebook have it.
function encode(state, scene) {
  const looks = [], set = [], n = [], arrays = [];
  let length = 0;
  const place = (array) => { arrays.push(array); length += array.length; return [length - array.length, array.length]; };
  state.forEach((items, mark) => {
    n.push([mark, items.length]);
    items.forEach((item, k) => {
      looks.push(item.look);
      set.push([mark, k, looks.length - 1, place(item.x), place(item.y)]);
    });
  });
  const values = new Float32Array(length);
  let at = 0;
  for (const array of arrays) { values.set(array, at); at += array.length; }
  Object.assign(scene, { looks, patch: { n, set }, values: new DataView(values.buffer) });
}

function filmStates(film) {
  const values = floats(film.values), states = [];
  for (const step of film.steps) states.push(patched(states.at(-1) || [], step, film.looks, values));
  return states;
}
