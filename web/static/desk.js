// The agents' desk: one-letter keys, news announced without moving the list, and who else has the case open.
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
