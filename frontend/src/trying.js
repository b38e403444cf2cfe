// The "try it" panel: asks the server what an expression or a decision answers for the values typed, and draws why.
import { settings, word } from './page.js';

const panel = document.getElementById('trying');
const fields = document.getElementById('trying-fields');
const answerBox = document.getElementById('trying-answer');
const typed = new Map();

function line(tag, text, kind) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (kind) node.className = kind;
  return node;
}

/** One field for each value that is read; what was typed stays when the expression changes. */
function drawFields(needs) {
  const paths = needs.map((path) => path.join('.'));
  if (paths.join() === [...fields.querySelectorAll('input')].map((input) => input.dataset.path).join()) return;
  fields.replaceChildren(...needs.map((path, index) => {
    const row = document.createElement('div');
    const label = line('label', paths[index]);
    const input = document.createElement('input');
    input.id = `trying-field-${index}`;
    label.htmlFor = input.id;
    input.dataset.path = paths[index];
    input.value = typed.get(paths[index])?.[1] ?? '';
    input.placeholder = word('try_value');
    input.addEventListener('input', () => typed.set(paths[index], [path, input.value]));
    row.append(label, input);
    return row;
  }));
}

function drawSteps(trace) {
  const list = document.createElement('ol');
  list.className = 'trying__steps';
  list.append(...trace.map((step) => {
    const item = line('li', '');
    item.style.setProperty('--depth', step.depth);
    item.append(line('code', step.text), ' → ', line('code', step.value, 'trying__value'));
    return item;
  }));
  return list;
}

function drawProblem(problem, kind) {
  const place = problem.line ? `${word('try_place', { line: problem.line, column: problem.column })} ` : '';
  return line('p', place + problem.message, kind);
}

function draw(answer) {
  if (answer.refusal) {
    answerBox.replaceChildren(drawProblem({ message: answer.refusal.message }, 'trying__refusal'));
    return;
  }
  const value = line('p', `${word('try_answer')} `, 'trying__result');
  value.append(line('code', answer.value, 'trying__value'));
  const why = answer.trace.length ? [line('h2', word('try_why')), drawSteps(answer.trace)] : [];
  answerBox.replaceChildren(value, ...answer.problems.map((problem) => drawProblem(problem, 'trying__problem')), ...why);
}

async function ask(subject) {
  const response = await fetch(`/admin/essayer/${panel.dataset.kind}`, {
    method: 'POST',
    body: JSON.stringify({ ...subject, fields: [...typed.values()] }),
    headers: { 'Content-Type': 'application/json', 'X-CSRF': settings.csrf, Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

/** `subject()` gives what is tried, or nothing; answers a function that draws the fields again when it has changed. */
export function bindTrying(subject) {
  const run = async (shown) => {
    const tried = await subject();
    if (!tried || !panel.open) return;
    try {
      const answer = await ask(tried);
      if (!answer.refusal) drawFields(answer.needs);
      if (shown) draw(answer);
    } catch (problem) {
      answerBox.replaceChildren(line('p', word('try_failed', { reason: problem.message }), 'trying__refusal'));
    }
  };
  let waiting;
  const changed = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => run(false), 300);
  };
  document.getElementById('trying-form').addEventListener('submit', (event) => {
    event.preventDefault();
    run(true);
  });
  document.getElementById('trying-text')?.addEventListener('input', changed);
  panel.addEventListener('toggle', changed);
  return changed;
}
