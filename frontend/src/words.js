// The editors' words in French. English is what the editors speak by themselves; only Parvis's own entries need it.
import english from './words/english.js';
import french from './words/french.js';

const KINDS = {
  Message: 'message', Timer: 'minuterie', Signal: 'signal', Error: 'erreur', Escalation: 'escalade', Conditional: 'condition',
  Compensation: 'compensation', Cancel: 'annulation', Terminate: 'arrêt complet', Link: 'lien',
};
const PLACES = {
  'start event': 'Début', 'end event': 'Fin', 'boundary event': 'Bordure', 'intermediate catch event': 'Attente', 'intermediate throw event': 'Émission',
};
const EVENT = /^(\w+) (start event|end event|boundary event|intermediate catch event|intermediate throw event)( \(non-interrupting\))?$/;

/** "Timer boundary event (non-interrupting)" → "Bordure : minuterie (sans interrompre)": BPMN's event names are composed. */
function composed(template) {
  const parts = EVENT.exec(template);
  if (!parts || !(parts[1] in KINDS)) return undefined;
  return `${PLACES[parts[2]]} : ${KINDS[parts[1]]}${parts[3] ? ' (sans interrompre)' : ''}`;
}

export const missing = new Set();

function translator(language) {
  const dictionary = language === 'fr' ? french : english;
  return function translate(template, replacements = {}) {
    const found = dictionary[template] ?? (language === 'fr' ? composed(template) : template);
    if (found === undefined) missing.add(template);
    return (found ?? template).replace(/\{([^}]+)\}/g, (whole, name) => replacements[name] ?? whole);
  };
}

/** The module that replaces the editors' `translate`. */
export function translation(language) {
  window.parvisMissingWords = missing; // read by the browser test that fails on an untranslated word
  return { translate: ['value', translator(language)] };
}
