// Painting one item, as SVG elements or on a canvas.

const nth = (list, i) => list[i % list.length];

function setPen(node, look, i, scale, dark) {
  const dash = nth(look.dash, i), stroke = nth(look.stroke, i);
  node.setAttribute("fill", css(nth(look.fill, i), dark));
  node.setAttribute("stroke", css(stroke, dark));
  if (!stroke) return;
  node.setAttribute("stroke-width", nth(look.w, i) / scale);
  node.setAttribute("stroke-linecap", look.cap || "butt");
  node.setAttribute("stroke-linejoin", look.join || "round");
  if (dash) {
    node.setAttribute("stroke-dasharray", dash.slice(1).map((v) => v / scale).join(" "));
    node.setAttribute("stroke-dashoffset", dash[0] / scale);
  } else node.removeAttribute("stroke-dasharray");
}

function children(node, count, tag) {
  while (node.childNodes.length > count) node.lastChild.remove();
  while (node.childNodes.length < count) node.appendChild(svgElement(tag));
  return node.childNodes;
}

// A hatch is a tile that repeats from the picture's top left, as matplotlib's does.
const hatchIds = new WeakMap();
function hatchFill(svg, { d, size, color, w }, dark) {
  const known = hatchIds.get(svg) || hatchIds.set(svg, new Map()).get(svg), ink = css(color && rgba(color), dark);
  const key = `${d} ${ink} ${w}`;
  if (!known.has(key)) {
    const id = newId("hatch");
    const pattern = svg.appendChild(svgElement("pattern", { id, patternUnits: "userSpaceOnUse", width: size, height: size }));
    pattern.append(svgElement("path", { d, fill: ink, stroke: ink, "stroke-width": w }));
    known.set(key, id);
  }
  return `url(#${known.get(key)})`;
}

const painters = {
  path(node, item, restyle, dark) {
    const texts = partPaths(item), { hatch } = item.look;
    const parts = single(item.look) ? [texts.join("")] : texts;
    const nodes = children(node, parts.length * (hatch ? 2 : 1), "path");
    parts.forEach((d, i) => {
      nodes[i].setAttribute("d", d);
      if (restyle) setPen(nodes[i], item.look, i, 1, dark);
      if (!hatch) return;
      const over = nodes[parts.length + i];
      over.setAttribute("d", d);
      over.setAttribute("stroke", "none");
      if (restyle) over.setAttribute("fill", hatchFill(node.ownerSVGElement, hatch, dark));
    });
  },
  points(node, { look, x, y }, restyle, dark) {
    const nodes = children(node, x.length, "path");
    for (let i = 0; i < x.length; i++) {
      const size = nth(look.s, i), gone = Number.isNaN(x[i]) || Number.isNaN(y[i]);
      nodes[i].setAttribute("transform", gone ? "scale(0)" : `translate(${short(x[i])} ${short(y[i])})` + (size === 1 ? "" : ` scale(${size})`));
      if (!restyle) continue;
      nodes[i].setAttribute("d", nth(look.d, i));
      setPen(nodes[i], look, i, size || 1, dark);
    }
  },
  text(node, { look, x, y }, restyle, dark) {
    const [text] = children(node, 1, "text");
    text.setAttribute("transform", `translate(${short(x[0])} ${short(y[0])})` + (look.angle ? ` rotate(${-look.angle})` : ""));
    if (!restyle) return;
    text.textContent = look.s;
    text.setAttribute("textLength", look.length);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    text.setAttribute("fill", css(look.fill[0], dark));
    text.style.fontSize = `${look.size}px`;
    text.style.fontWeight = look.weight;
    text.style.fontStyle = look.style;
    if (look.family[0] !== "sans-serif") text.style.fontFamily = look.family.map((f) => `"${f}"`).join(",") + ', "DejaVu Sans", sans-serif';
  },
  image(node, { look, x, y }) {
    const [image] = children(node, 1, "image"), [width, height] = look.size;
    const place = { x: x[0], y: y[0], width, height, href: `data:image/png;base64,${look.png}` };
    attributed(image, place);
  },
};

function strokeAndFill(pen, path, look, i, scale, dark) {
  const fill = nth(look.fill, i), stroke = nth(look.stroke, i), dash = nth(look.dash, i);
  if (fill) { pen.fillStyle = css(fill, dark); pen.fill(path); }
  if (!stroke) return;
  pen.strokeStyle = css(stroke, dark);
  pen.lineWidth = nth(look.w, i) / scale;
  pen.lineCap = look.cap || "butt";
  pen.lineJoin = look.join || "round";
  pen.setLineDash(dash ? dash.slice(1).map((v) => v / scale) : []);
  pen.stroke(path);
}

function paintOnCanvas(pen, item, dark) {
  const { look, x, y } = item;
  pen.save();
  if (look.clip) { pen.beginPath(); pen.rect(...look.clip); pen.clip(); }
  if (look.k === "path") {
    const texts = partPaths(item);
    (single(look) ? [texts.join("")] : texts).forEach((d, i) => strokeAndFill(pen, new Path2D(d), look, i, 1, dark));
  } else {
    const shapes = look.d.map((d) => new Path2D(d)), base = pen.getTransform();
    for (let i = 0; i < x.length; i++) {
      const size = nth(look.s, i);
      if (!(size > 0) || Number.isNaN(x[i]) || Number.isNaN(y[i])) continue;
      pen.setTransform(base.a * size, 0, 0, base.d * size, base.a * x[i], base.d * y[i]);
      strokeAndFill(pen, nth(shapes, i), look, i, size, dark);
    }
  }
  pen.restore();
}
