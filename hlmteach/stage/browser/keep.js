// Saving the picture: matplotlib does it if there is a kernel; else the browser, from what it shows.

const MIMES = { png: "image/png", svg: "image/svg+xml" };
const PATIENCE = 4000; // ms that the kernel has for its answer

// The buttons below a picture.
class Keepers {
  constructor(model, picture) {
    Object.assign(this, { model, picture });
    this.box = element("div", "stage-keep", { role: "group", "aria-label": "Save the picture" });
    for (const format of Object.keys(MIMES)) {
      const title = `Save as ${format.toUpperCase()}`;
      const node = element("button", "", { type: "button", title, "aria-label": title });
      node.textContent = format.toUpperCase();
      node.addEventListener("click", () => this.keep(format));
      this.box.append(node);
    }
  }

  keep(format) {
    this.asked = format;
    if (this.model.alone) return this.keepHere(format);
    this.model.send({ type: "save", format });
    this.patience = setTimeout(() => this.keepHere(format), PATIENCE);
  }

  onFile({ format }, [bytes]) {
    if (this.asked !== format) return;
    this.asked = null;
    clearTimeout(this.patience);
    download(new Blob([bytes], { type: MIMES[format] }), format);
  }

  async keepHere(format) {
    this.asked = null;
    const svg = composed(this.picture);
    download(format === "svg" ? svg : await rasterised(svg, this.picture), format);
  }

  remove() { clearTimeout(this.patience); }
}

// Everything in one SVG.
function composed({ width, height, dark, layers }) {
  const svg = svgElement("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height });
  svg.append(svgElement("rect", { width, height, fill: dark ? "#121212" : "#ffffff" }));
  for (const layer of layers.children) {
    if (layer.localName === "svg") svg.append(...layer.cloneNode(true).childNodes);
    else svg.append(svgElement("image", { width, height, href: layer.toDataURL() }));
  }
  return new Blob([new XMLSerializer().serializeToString(svg)], { type: MIMES.svg });
}

async function rasterised(svg, { width, height }) {
  const url = URL.createObjectURL(svg), image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done));
}

function download(blob, format) {
  const link = element("a", "", { href: URL.createObjectURL(blob), download: `picture.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
