// The process editor: bpmn-js with the Zeebe panel, our connectors as element templates, and the deploy gate's findings in place.
import BpmnModeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import ZeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import MinimapModule from 'diagram-js-minimap';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import town from './bpmn/town.jsx';
import { translation } from './words.js';
import { bindTrying } from './trying.js';
import { bindSaving, load, say, send, settings, showFindings, word } from './page.js';
import { lookCloser } from './view.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';

const modeler = new BpmnModeler({
  container: '#editor-canvas',
  propertiesPanel: { parent: '#editor-panel' },
  moddleExtensions: { zeebe },
  departments: settings.departments,
  additionalModules: [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    ZeebePropertiesProviderModule,
    ZeebeBehaviors,
    CloudElementTemplatesPropertiesProviderModule,
    ElementTemplateChooserModule,
    CreateAppendAnythingModule,
    CreateAppendElementTemplatesModule,
    MinimapModule,
    town,
    translation(settings.language),
  ],
});

const PALETTE = 140; // pixels at the left that the palette covers
let dirty = false;
modeler.on('commandStack.changed', () => {
  dirty = true;
  say(word('unsaved'));
});

const expression = document.getElementById('trying-text');
const tryAgain = bindTrying(() => (expression.value.trim() ? { expression: expression.value } : undefined));
modeler.on('selection.changed', ({ newSelection }) => {
  const condition = newSelection[0]?.businessObject?.conditionExpression?.body;
  if (!condition) return;
  expression.value = condition;
  tryAgain();
});

function mark(findings) {
  const canvas = modeler.get('canvas');
  const registry = modeler.get('elementRegistry');
  registry.forEach((element) => ['error', 'warning'].forEach((severity) => canvas.removeMarker(element, `has-${severity}`)));
  findings.filter((finding) => registry.get(finding.element)).forEach((finding) => canvas.addMarker(finding.element, `has-${finding.severity}`));
}

function reveal(finding) {
  const element = modeler.get('elementRegistry').get(finding.element);
  if (!element) return;
  modeler.get('canvas').scrollToElement(element);
  modeler.get('selection').select(element);
}

function report(findings) {
  mark(findings);
  showFindings(findings, reveal);
}

async function save() {
  const { xml } = await modeler.saveXML({ format: true });
  const answer = await send(settings.file, xml);
  dirty = false;
  report(answer.findings);
}

async function open() {
  modeler.get('elementTemplatesLoader').setTemplates(settings.templates);
  await modeler.importXML(await load(settings.file));
  lookCloser(modeler.get('canvas'), PALETTE);
  report(settings.findings);
  bindSaving(save, () => dirty);
  document.documentElement.dataset.editor = 'ready';
}

open().catch((problem) => say(word('not_loaded', { reason: problem.message }), 'error'));
window.parvisModeler = modeler; // the browser tests drive the editor through it
