// English for the entries that Parvis adds to the editors.
export default {
  'parvis.group': 'Town',
  'parvis.publicStep': 'Words on the citizen’s timeline',
  'parvis.publicStep.hint': 'What the citizen reads while the case is here.',
  'parvis.decision': 'The case is answered here',
  'parvis.decision.hint': 'The term stops when a case first comes here.',
  'parvis.decision.none': 'No',
  'parvis.decision.granted': 'Yes: granted',
  'parvis.decision.refused': 'Yes: refused',
  'parvis.decision.closed': 'Yes: closed without action',
  'parvis.audience': 'Who does this task',
  'parvis.audience.hint': '',
  'parvis.audience.department': 'The department',
  'parvis.audience.applicant': 'The applicant, on the follow-up page',
  'parvis.department': 'Department',
  'parvis.department.hint': 'Who finds the tasks of this lane in the inbox.',
  'parvis.department.routed': 'The department chosen by the routing',
};
