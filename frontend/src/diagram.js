// The live diagram: where the open cases are, which are late, which are blocked. Every badge is a link to its cases.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { load, say, settings, word } from './page.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

const viewer = new NavigatedViewer({ container: '#editor-canvas' });
const LEVELS = 4;

function level(count, most) {
  return count ? Math.ceil((LEVELS * count) / most) : 0;
}

function badge(element, figures) {
  const link = document.createElement('a');
  link.href = `${settings.cases}?element=${encodeURIComponent(element.id)}`;
  link.className = figures.incidents ? 'badge badge-incident' : figures.late ? 'badge badge-late' : 'badge';
  link.textContent = figures.incidents ? `! ${figures.incidents}` : figures.late ? `${figures.open} · ${figures.late}` : String(figures.open);
  const name = element.businessObject.name || element.id;
  link.setAttribute('aria-label', word('badge', { name, ...figures }));
  link.title = link.getAttribute('aria-label');
  return link;
}

/** Draw the counts; called again with fresh figures, it changes only what differs so that focus stays where it is. */
function draw(counts) {
  const overlays = viewer.get('overlays');
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const most = Math.max(1, ...Object.values(counts).map((figures) => figures.open));
  for (const element of registry.filter((shape) => shape.businessObject?.$instanceOf?.('bpmn:FlowNode') && !shape.labelTarget)) {
    const figures = counts[element.id] ?? { open: 0, late: 0, incidents: 0 };
    const drawn = JSON.stringify(figures);
    if (draw.last.get(element.id) === drawn) continue;
    draw.last.set(element.id, drawn);
    for (let step = 0; step <= LEVELS; step += 1) canvas.removeMarker(element, `heat-${step}`);
    overlays.remove({ element, type: 'figures' });
    if (!figures.open && !figures.incidents) continue;
    canvas.addMarker(element, `heat-${level(figures.open, most)}`);
    overlays.add(element, 'figures', { position: { bottom: 10, right: 14 }, html: badge(element, figures), scale: false });
  }
}
draw.last = new Map();

async function refresh() {
  const response = await fetch(settings.figures, { headers: { Accept: 'application/json' } });
  if (response.ok) draw(await response.json());
}

async function open() {
  await viewer.importXML(await load(settings.file));
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  draw(settings.counts);
  setInterval(() => document.visibilityState === 'visible' && refresh().catch(() => {}), 10_000);
  document.documentElement.dataset.editor = 'ready';
}

open().catch((problem) => say(word('not_loaded', { reason: problem.message }), 'error'));
window.parvisDiagram = viewer;
