// Paths: an item's vertices and runs as the text of an SVG path, gaps left out.

const TAKES = { M: 1, L: 1, Q: 2, C: 3, Z: 1 };
const parsedRuns = new Map();
function runs(text) {
  if (!parsedRuns.has(text)) {
    if (parsedRuns.size > 500) parsedRuns.clear();
    parsedRuns.set(text, [...text.matchAll(/([A-Z])(\d+)/g)].map(([, letter, count]) => [letter, +count]));
  }
  return parsedRuns.get(text);
}

const short = (v) => Math.round(v * 100) / 100;

// The path text of one part of an item, and where the next part begins.
function partPath(runList, x, y, i) {
  let d = "", gap = true;
  for (const [letter, count] of runList) {
    const step = TAKES[letter];
    for (let end = i + count; i < end; i += step) {
      if (letter === "Z") { d += gap ? "" : "Z"; gap = true; continue; } // nothing to close after NaN
      const last = i + step - 1;
      if (Number.isNaN(x[last]) || Number.isNaN(y[last])) { gap = true; continue; }
      if (gap || letter === "M") d += `M${short(x[last])} ${short(y[last])}`;
      else {
        d += letter;
        for (let j = i; j <= last; j++) d += `${short(x[j])} ${short(y[j])} `;
      }
      gap = false;
    }
  }
  return [d, i];
}

// A part may be empty; where all are, nothing would ever use up the vertices.
function partPaths({ look, x, y }) {
  const texts = [];
  for (let i = 0; i < x.length && look.d.some(Boolean);) {
    const [d, next] = partPath(runs(look.d[texts.length % look.d.length]), x, y, i);
    texts.push(d);
    i = next;
  }
  return texts;
}
