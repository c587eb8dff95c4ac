// Colours: from Python's text to the browser's, turned round on a dark page.

function rgba(hex) {
  const part = (i) => parseInt(hex.slice(i, i + 2), 16);
  return [part(1), part(3), part(5), hex.length > 7 ? part(7) / 255 : 1];
}

// On a dark page what has no hue is turned round, black ink to light and white paper to dark, greys a
// little lighter than that, for eyes tell dark ones apart less well; deep colours are lifted, so that
// words in them can be read.
function turner(red, green, blue) {
  const hue = Math.min(1, (Math.max(red, green, blue) - Math.min(red, green, blue)) / 40);
  const lift = Math.max(0, 0.55 - (0.3 * red + 0.59 * green + 0.11 * blue) / 255);
  return (c) => (c + (255 - c) * lift) * hue + (18 + 212 * (1 - c / 255) ** 0.8) * (1 - hue);
}

function css(color, dark) {
  if (!color) return "none";
  const [red, green, blue, opacity] = color;
  const ink = dark ? [red, green, blue].map(turner(red, green, blue)) : [red, green, blue];
  return `rgba(${ink.map(Math.round)},${+opacity.toFixed(3)})`;
}

function isDark(el) {
  const flag = document.body.dataset.jpThemeLight;
  if (flag !== undefined) return flag === "false";
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.fillStyle = getComputedStyle(el).color; // in any notation; black if there is none, before the page has the element
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  return 0.3 * r + 0.6 * g + 0.1 * b > 127; // light ink lies on a dark page
}
