// How much of a diagram is seen at first: all of it when its words can be read so, else its beginning at a size that can.
const READABLE = 0.62;
const CLOSE = 0.8;
const MARGIN = 24;

/** The whole diagram, however small. */
export function lookWhole(canvas) {
  canvas.zoom('fit-viewport', 'auto');
}

/** Its beginning, large enough to read; `left` keeps clear what the palette covers. Says whether it had to come closer. */
export function lookCloser(canvas, left = MARGIN) {
  lookWhole(canvas);
  if (canvas.zoom() >= READABLE) return false;
  const { inner, outer } = canvas.viewbox();
  const width = outer.width / CLOSE;
  const height = outer.height / CLOSE;
  const spare = Math.max(MARGIN, (height - inner.height) / 2);
  canvas.viewbox({ x: inner.x - left / CLOSE, y: inner.y - spare, width, height });
  return true;
}
