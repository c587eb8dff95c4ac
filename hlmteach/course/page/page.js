// Search over the lessons' text, which search.js holds: no server, no network.
const form = document.getElementById("search");
const box = document.getElementById("words");
const found = document.getElementById("found");
const MOST = 12;
form.hidden = false;

function passages(words) {
  const hits = [];
  for (const passage of window.SEARCH) {
    const low = `${passage.heading} ${passage.text}`.toLowerCase();
    if (words.every((word) => low.includes(word))) hits.push(passage);
  }
  return hits;
}

// What stands around the first of the words, from the start of a word.
function around(text, words) {
  const places = words.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0);
  const from = places.length ? Math.max(0, Math.min(...places) - 60) : 0;
  const start = from && text.indexOf(" ", from) + 1;
  return `${start ? "… " : ""}${text.slice(start, start + 160)}${text.length > start + 160 ? " …" : ""}`;
}

function line(hit, words) {
  const node = document.createElement("p"), link = document.createElement("a");
  link.href = `${hit.page}#${encodeURIComponent(hit.anchor)}`;
  link.textContent = hit.heading === hit.title ? hit.title : `${hit.title}: ${hit.heading}`;
  link.addEventListener("click", close);
  node.append(link, document.createElement("br"), around(hit.text, words));
  return node;
}

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length ? passages(words) : [];
  found.replaceChildren(...hits.slice(0, MOST).map((hit) => line(hit, words)));
  if (hits.length > MOST) found.append(`${hits.length - MOST} more: add a word to find fewer.`);
  if (words.length && !hits.length) found.textContent = "No lesson has these words.";
}

function close() {
  box.value = "";
  show();
}

box.addEventListener("input", show);
form.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
