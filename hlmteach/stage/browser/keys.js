// Keys: what has the focus keeps its own from the notebook's shortcuts; with Ctrl or Cmd they are the page's.

const OURS = Symbol.for("stage: what keeps its keys"); // on the page, for several scripts have this part

// Before any listener of the page's: JupyterLab hears keys last, Notebook 7 first; both look at the element for this mark.
function keepKeys(selector) {
  if (!window[OURS]) {
    window[OURS] = new Set();
    window.addEventListener("keydown", markKeys, true);
  }
  window[OURS].add(selector);
}

function markKeys({ target, ctrlKey, metaKey }) {
  if (target.closest?.([...window[OURS]].join())) target.toggleAttribute("data-lm-suppress-shortcuts", !ctrlKey && !metaKey);
}
