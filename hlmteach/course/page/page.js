// Search over the lessons' text, which search.js holds: no server, no network.
const box = document.getElementById("words");
const found = document.getElementById("found");

function passages(words) {
  const hits = [];
  for (const { page, title, text } of window.SEARCH) {
    const low = text.toLowerCase();
    if (!words.every((word) => low.includes(word))) continue;
    const at = Math.max(0, low.indexOf(words[0]) - 60);
    hits.push({ page, title, text: text.slice(at, at + 160).replace(/[#*`$]/g, "") });
  }
  return hits;
}

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.replaceChildren();
  if (!words.length) return;
  const hits = passages(words);
  for (const hit of hits) {
    const line = document.createElement("p");
    const link = Object.assign(document.createElement("a"), { href: `${hit.page}.html` });
    link.textContent = hit.title;
    line.append(link, ` … ${hit.text} …`);
    found.append(line);
  }
  if (!hits.length) found.textContent = "No lesson has these words.";
}

box.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { box.value = ""; show(); }
});
document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
