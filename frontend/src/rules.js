// The decision editor: dmn-js with its properties panel; opens straight on the first decision table.
import DmnModeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';
import { translation } from './words.js';
import { bindTrying } from './trying.js';
import { bindSaving, load, say, send, settings, showFindings, word } from './page.js';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';

const words = translation(settings.language);
const feelOnly = { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel' } };
const modeler = new DmnModeler({
  container: '#editor-canvas',
  common: { expressionLanguages: feelOnly },
  drd: { propertiesPanel: { parent: '#editor-panel' }, additionalModules: [DmnPropertiesPanelModule, DmnPropertiesProviderModule, words] },
  decisionTable: { additionalModules: [words] },
  literalExpression: { additionalModules: [words] },
});

let dirty = false;
const touched = new WeakSet();

/** Each view has its own editor, created when first opened: watch its command stack once. */
function watch() {
  const viewer = modeler.getActiveViewer();
  if (!viewer || touched.has(viewer)) return;
  touched.add(viewer);
  viewer.on('commandStack.changed', () => {
    dirty = true;
    say(word('unsaved'));
    tryAgain();
  });
}

/** One tab for each decision; the overview of all is a button of the editor's own. */
function drawTabs() {
  const active = modeler.getActiveView();
  const tabs = modeler.getViews().filter((view) => view.type !== 'drd').map((view) => {
    const tab = document.createElement('button');
    tab.type = 'button';
    tab.className = 'tab';
    tab.textContent = view.element.name || view.element.id;
    tab.setAttribute('aria-pressed', String(view.element.id === active?.element.id));
    tab.addEventListener('click', () => modeler.open(view));
    return tab;
  });
  document.getElementById('editor-views').replaceChildren(...tabs);
}

/** The rules as they stand in the editor, and the decision whose view is open (the first one in the overview). */
async function tried() {
  const decisions = modeler.getViews().filter((view) => view.type !== 'drd');
  const active = decisions.find((view) => view.element.id === modeler.getActiveView()?.element.id) ?? decisions[0];
  return active && { xml: (await modeler.saveXML()).xml, decision: active.element.id };
}

const tryAgain = bindTrying(tried);

async function reveal(finding) {
  const view = modeler.getViews().find((candidate) => candidate.element.id === finding.element);
  if (view) await modeler.open(view);
}

async function save() {
  const { xml } = await modeler.saveXML({ format: true });
  const answer = await send(settings.file, xml);
  dirty = false;
  showFindings(answer.findings, reveal);
}

async function open() {
  modeler.on('views.changed', () => {
    drawTabs();
    watch();
    tryAgain();
  });
  await modeler.importXML(await load(settings.file));
  const table = modeler.getViews().find((view) => view.type === 'decisionTable');
  if (table) await modeler.open(table);
  showFindings(settings.findings, reveal);
  bindSaving(save, () => dirty);
  document.documentElement.dataset.editor = 'ready';
}

open().catch((problem) => say(word('not_loaded', { reason: problem.message }), 'error'));
window.parvisRules = modeler;
