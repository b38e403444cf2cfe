// The agents' desk: one-letter keys, news announced without moving the list, who else has the case open, and tables
// that sort and export.
// Everything it does can also be done with links and buttons.

const OFF = 'parvis-shortcuts-off';
const typing = (element) => element.closest?.('input, textarea, select, [contenteditable]');
const rows = () => [...document.querySelectorAll('[data-row]')];

function choose(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement) || row.hasAttribute('data-chosen'));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all.forEach((row) => row.removeAttribute('data-chosen'));
  next.setAttribute('data-chosen', '');
  next.querySelector('a')?.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

function press(selector) {
  (document.querySelector(`[data-chosen] ${selector}`) ?? document.querySelector(`main ${selector}`))?.click();
}

const keys = {
  j: () => choose(1),
  k: () => choose(-1),
  c: () => press('[data-claim]'),
  e: () => {
    const decision = document.querySelector('[data-decision]');
    if (!decision) return press('a.row');
    decision.scrollIntoView({ block: 'start' });
    (decision.querySelector('.form input:not([type=hidden]), .form select, .form textarea') ?? decision).focus();
  },
  '/': () => document.querySelector('[data-key="/"]')?.focus(),
  '?': () => document.getElementById('shortcuts')?.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(OFF) || typing(event.target)) return;
  const act = keys[event.key];
  if (!act || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  act();
});

document.querySelectorAll('[data-open]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', () => document.getElementById(button.dataset.open).showModal());
});

const off = document.querySelector('[data-shortcuts-off]');
if (off) {
  off.checked = Boolean(localStorage.getItem(OFF));
  off.addEventListener('change', () => (off.checked ? localStorage.setItem(OFF, '1') : localStorage.removeItem(OFF)));
}

// Tables: a press on a heading sorts the lines the page holds; "export" writes those lines for a spreadsheet.
const words = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: 'base' });

function worth(row, column) {
  const cell = row.cells[column];
  const said = cell?.dataset.value ?? cell?.textContent.trim() ?? '';
  if (!cell?.classList.contains('number')) return said;
  return Number.parseFloat(said.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
}

function compare(one, other) {
  if (typeof one === 'number') return (Number.isNaN(one) ? -1 : one) - (Number.isNaN(other) ? -1 : other);
  return words.compare(one, other);
}

function sort(table, heading) {
  const column = heading.cellIndex;
  // Numbers are asked for largest first, words from A.
  const first = heading.classList.contains('number') ? 'descending' : 'ascending';
  const other = first === 'ascending' ? 'descending' : 'ascending';
  const order = heading.getAttribute('aria-sort') === first ? other : first;
  table.querySelectorAll('[aria-sort]').forEach((each) => each.removeAttribute('aria-sort'));
  heading.setAttribute('aria-sort', order);
  const sign = order === 'ascending' ? 1 : -1;
  for (const body of table.tBodies) {
    body.append(...[...body.rows].sort((one, next) => sign * compare(worth(one, column), worth(next, column))));
  }
}

function exported(table) {
  const lines = [...table.rows].map((row) => [...row.cells].filter((cell) => !cell.classList.contains('tick')));
  // A sign that a spreadsheet would take for a formula is kept as text.
  const cell = (each) => `"${each.innerText.trim().replace(/\s+/g, ' ').replace(/^[=+@-]/, "'$&").replaceAll('"', '""')}"`;
  return new Blob(['\ufeff', ...lines.map((line) => `${line.map(cell).join(';')}\r\n`)], { type: 'text/csv' });
}

document.querySelectorAll('table[data-sortable]').forEach((table) => {
  if (table.tBodies.length !== 1 || table.tBodies[0].rows.length < 2) return;
  table.querySelectorAll('thead th:not([data-fixed])').forEach((heading) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...heading.childNodes);
    button.addEventListener('click', () => sort(table, heading));
    heading.replaceChildren(button);
  });
});

document.querySelectorAll('table[data-export]').forEach((table) => {
  const tools = document.createElement('div');
  const button = document.createElement('button');
  tools.className = 'table-tools';
  button.type = 'button';
  button.className = 'button button--link';
  button.textContent = table.dataset.exportWords;
  button.addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(exported(table));
    link.download = `${table.dataset.export}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  tools.append(button);
  (table.closest('.table-frame') ?? table).after(tools);
});

async function ask(url) {
  const response = await fetch(url, { headers: { Accept: 'application/json' } });
  return response.ok && !response.redirected ? response.json() : null;
}

function repeat(work, seconds) {
  setInterval(() => document.visibilityState === 'visible' && work().catch(() => {}), seconds * 1000);
}

const place = document.querySelector('[data-news]');
if (place) {
  repeat(async () => {
    const news = await ask(place.dataset.news);
    if (!news?.new) return;
    const words = news.new === 1 ? place.dataset.one : place.dataset.many.replace('{count}', news.new);
    if (place.textContent === words) return;
    const button = document.createElement('button');
    button.className = 'button';
    button.textContent = words;
    button.addEventListener('click', () => location.reload());
    place.replaceChildren(button);
  }, 15);
}

const present = document.querySelector('[data-presence]');
if (present) {
  repeat(async () => {
    const { names = [] } = (await ask(present.dataset.presence)) ?? {};
    present.hidden = !names.length;
    const sentence = names.length ? present.dataset.words.replace('{names}', names.join(', ')) : '';
    if (present.textContent !== sentence) present.textContent = sentence;
  }, 30);
}
