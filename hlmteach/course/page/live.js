// The page around a live lesson: says how far Python is, runs the lesson once, keeps a newer edition
// and the student's copy apart, and hands in. The lesson itself is JupyterLite's, in the frame.
const at = (id) => document.getElementById(id);
const lessons = JSON.parse(document.body.dataset.lessons);
const name = new URLSearchParams(location.search).get("lesson") ?? Object.keys(lessons)[0];
const KEY = "hlmteach";
const PATIENCE = 90; // seconds until we say that something is in the way

function say(text, share = null) {
  if (at("said").textContent !== text) at("said").textContent = text; // a screen reader says it once
  at("share").hidden = share === null;
  if (share !== null) at("share").value = share;
}

function obstacle() {
  if (!(name in lessons)) return "This course has no such lesson. Go back and choose one.";
  if (location.protocol === "file:") {
    return "A live lesson needs a server of files. In this folder, run: python -m http.server";
  }
  if (typeof WebAssembly !== "object") return "This browser cannot run Python. Try a newer Firefox, Chrome, Edge or Safari.";
  if (typeof indexedDB !== "object" || !indexedDB) {
    return "This browser keeps nothing for this page, so that answers would be lost. Open a window that is not private.";
  }
  return "";
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const app = () => at("lesson").contentWindow?.jupyterapp;
const panel = () => app()?.shell?.currentWidget;
const kernel = () => panel()?.sessionContext?.session?.kernel;

async function until(what, begun, text, share) {
  for (;;) {
    const found = what();
    if (found) return found;
    const waited = (Date.now() - begun) / 1000;
    const slow = waited > PATIENCE ? " It takes long. Is the network there? You may also reload this page." : "";
    say(`${text} …${slow}`, Math.min(share + waited / 60, 0.95));
    await pause(0.25);
  }
}

async function open() {
  const blocked = obstacle();
  if (blocked) return say(blocked);
  document.title = `${lessons[name]} · live`;
  at("back").href = `${name}.html`;
  at("lesson").src = `live/notebooks/index.html?path=${encodeURIComponent(`${name}.ipynb`)}`;
  at("lesson").hidden = false;
  const begun = Date.now();
  await until(() => panel()?.context?.isReady, begun, "Opening the lesson", 0.05);
  at("hand-in").hidden = false;
  keepSaving();
  await compareEditions();
  await until(() => kernel()?.status === "idle", begun, "Starting Python in your browser", 0.1);
  await runAll();
  at("again").hidden = false;
}

// Closing the tab loses nothing: what changed is kept within seconds, and when the page goes out of sight.
function keepSaving() {
  const save = () => panel()?.context?.model?.dirty && app().commands.execute("docmanager:save");
  setInterval(save, 2000);
  document.addEventListener("visibilitychange", save);
}

async function runAll() {
  say("Running the lesson");
  at("share").hidden = false;
  at("share").removeAttribute("value");
  await app().commands.execute("notebook:run-all-cells");
  const book = panel().content;
  book.activeCellIndex = 0;
  await book.scrollToItem?.(0);
  say(newer() || "Ready. Your work is kept in this browser; hand in when you are done.");
}

// ---- editions: the student's copy and the site's

let siteEdition = null;
const edition = (book) => book?.metadata?.[KEY]?.edition ?? null;
const mine = () => panel().context.model.toJSON();

function newer() {
  const renewed = siteEdition && edition(mine()) !== siteEdition;
  at("renew").hidden = !renewed;
  return renewed ? "There is a newer edition of this lesson. This is your copy, as you left it." : "";
}

async function compareEditions() {
  const answer = await fetch(`live/files/${name}.ipynb`, { cache: "no-cache" });
  if (answer.ok) siteEdition = edition(await answer.json());
}

async function renew() {
  const { contents } = app().serviceManager;
  const copy = `${name}, my copy of ${new Date().toISOString().slice(0, 16).replace(":", ".")}.ipynb`;
  await app().commands.execute("docmanager:save");
  await contents.save(copy, { type: "notebook", format: "json", content: mine() });
  await contents.delete(`${name}.ipynb`);
  say(`Your copy is kept as ${copy}.`);
  await pause(2);
  location.reload();
}

// ---- handing in: the notebook as a file, with every answer in it

async function handIn() {
  await app().commands.execute("docmanager:save");
  const text = `${JSON.stringify(mine(), null, 1)}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
  link.download = `${name}.ipynb`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say(`Saved as ${name}.ipynb among your downloads. Give that file to your teacher.`);
}

at("hand-in").addEventListener("click", handIn);
at("again").addEventListener("click", runAll);
at("renew").addEventListener("click", renew);
window.addEventListener("unhandledrejection", (event) => {
  say(`Something went wrong: ${event.reason?.message ?? event.reason}. Reload this page; your work is kept.`);
});
open();
