// The "Mairie" group of the properties panel: what a town says of an element beyond BPMN, kept as zeebe:property "parvis:*".
import { SelectEntry, TextFieldEntry, isSelectEntryEdited, isTextFieldEntryEdited } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

const PREFIX = 'parvis:';

function extension(element, type) {
  return getBusinessObject(element).get('extensionElements')?.get('values').find((value) => is(value, type));
}

function read(element, name) {
  const properties = extension(element, 'zeebe:Properties')?.get('properties') ?? [];
  return properties.find((property) => property.get('name') === PREFIX + name)?.get('value') ?? '';
}

/** One undoable step: the new list of properties replaces the old one. An empty value removes the property. */
function write(element, name, value, factory, commands) {
  const owner = getBusinessObject(element);
  const elements = owner.get('extensionElements') ?? factory.create('bpmn:ExtensionElements', { values: [] });
  const current = extension(element, 'zeebe:Properties');
  const others = (current?.get('properties') ?? []).filter((property) => property.get('name') !== PREFIX + name);
  const added = value ? [factory.create('zeebe:Property', { name: PREFIX + name, value })] : [];
  const properties = factory.create('zeebe:Properties', { properties: [...others, ...added] });
  const values = elements.get('values').filter((held) => held !== current);
  const next = factory.create('bpmn:ExtensionElements', { values: [...values, properties] });
  commands.execute('element.updateModdleProperties', { element, moddleElement: owner, properties: { extensionElements: next } });
}

function entry(name, Component, isEdited) {
  return function TownEntry({ element, id, choices }) {
    const translate = useService('translate');
    const commands = useService('commandStack');
    const factory = useService('bpmnFactory');
    const debounce = useService('debounceInput');
    return (
      <Component
        id={id}
        element={element}
        label={translate(`parvis.${name}`)}
        description={translate(`parvis.${name}.hint`)}
        getValue={() => read(element, name)}
        setValue={(value) => write(element, name, value, factory, commands)}
        getOptions={choices && (() => choices(translate))}
        debounce={debounce}
        isEdited={isEdited}
      />
    );
  };
}

const text = (name) => ({ id: `parvis-${name}`, component: entry(name, TextFieldEntry, isTextFieldEntryEdited), isEdited: isTextFieldEntryEdited });

const select = (name, choices) => ({
  id: `parvis-${name}`,
  component: entry(name, SelectEntry, isSelectEntryEdited),
  isEdited: isSelectEntryEdited,
  choices,
});

const decisions = (translate) => ['', 'granted', 'refused', 'closed'].map((value) => ({ value, label: translate(`parvis.decision.${value || 'none'}`) }));
const audiences = (translate) => ['', 'applicant'].map((value) => ({ value, label: translate(`parvis.audience.${value || 'department'}`) }));

class TownProperties {
  static $inject = ['propertiesPanel', 'translate', 'config.departments'];

  constructor(panel, translate, departments) {
    this.translate = translate;
    this.departments = departments ?? [];
    panel.registerProvider(400, this);
  }

  getGroups(element) {
    const entries = this.entries(element);
    const group = { id: 'parvis', label: this.translate('parvis.group'), entries };
    return (groups) => (entries.length ? [groups[0], group, ...groups.slice(1)].filter(Boolean) : groups);
  }

  entries(element) {
    if (is(element, 'bpmn:Lane') || is(element, 'bpmn:Participant')) return [select('department', () => this.departmentChoices())];
    if (is(element, 'bpmn:UserTask')) return [text('publicStep'), select('audience', audiences), select('decision', decisions)];
    if (is(element, 'bpmn:FlowNode')) return [text('publicStep'), select('decision', decisions)];
    return [];
  }

  departmentChoices() {
    const routed = { value: '=case.department', label: this.translate('parvis.department.routed') };
    return [{ value: '', label: '' }, routed, ...this.departments.map(({ slug, name }) => ({ value: slug, label: name }))];
  }
}

export default { __init__: ['townProperties'], townProperties: ['type', TownProperties] };
