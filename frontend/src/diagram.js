// The live diagram: where the open cases are, which are late, which are blocked. Every badge is a link to its cases.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { load, say, settings, word } from './page.js';
import { lookCloser, lookWhole } from './view.js';
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
    // On a task the badge sits at the top: its boundary events, with badges of their own, are at the bottom.
    const position = element.businessObject.$instanceOf('bpmn:Activity') ? { top: -10, right: 16 } : { bottom: 8, right: 16 };
    overlays.add(element, 'figures', { position, html: badge(element, figures), scale: { min: 0.6, max: 1 } });
  }
}
draw.last = new Map();

async function refresh() {
  const response = await fetch(settings.figures, { headers: { Accept: 'application/json' } });
  if (response.ok) draw(await response.json());
}

/** The button that goes from one view to the other; of no use when the whole diagram can be read at once. */
function offerBothViews(isClose) {
  const button = document.getElementById('editor-zoom');
  let close = isClose;
  button.hidden = !isClose;
  const name = () => { button.textContent = close ? button.dataset.whole : button.dataset.close; };
  button.addEventListener('click', () => {
    close = !close;
    (close ? lookCloser : lookWhole)(viewer.get('canvas'));
    name();
  });
  name();
}

async function open() {
  await viewer.importXML(await load(settings.file));
  offerBothViews(lookCloser(viewer.get('canvas')));
  draw(settings.counts);
  setInterval(() => document.visibilityState === 'visible' && refresh().catch(() => {}), 10_000);
  document.documentElement.dataset.editor = 'ready';
}

open().catch((problem) => say(word('not_loaded', { reason: problem.message }), 'error'));
window.parvisDiagram = viewer;
