// What the editor pages share: their settings (a JSON block in the page), requests to the server, and the status line.

export const settings = JSON.parse(document.getElementById('editor-settings').textContent);
const status = document.getElementById('editor-status');

/** Say one short sentence in the page's live region. */
export function say(sentence, kind = 'calm') {
  status.textContent = sentence;
  status.dataset.kind = kind;
}

/** A word of the page's language; the page brings all of them so that no text lives in scripts. */
export function word(id, parameters = {}) {
  return (settings.words[id] ?? id).replace(/\{(\w+)\}/g, (_, name) => parameters[name] ?? '');
}

export async function load(url) {
  const response = await fetch(url, { headers: { Accept: 'application/xml' } });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}

/** Send the file on top of the revision that was opened; answers the server's JSON and remembers the new revision. */
export async function send(url, body) {
  const response = await fetch(`${url}?rev=${settings.rev}`, {
    method: 'PUT',
    body,
    headers: { 'Content-Type': 'application/xml', 'X-CSRF': settings.csrf, Accept: 'application/json' },
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? `${response.status}`);
  settings.rev = answer.rev;
  const publish = document.getElementById('publish-rev');
  if (publish) publish.value = answer.rev;
  return answer;
}

/** Draw the findings beside the editor; `reveal(element)` brings the place into view. */
export function showFindings(findings, reveal) {
  const list = document.getElementById('editor-findings');
  list.replaceChildren(...findings.map((finding) => {
    const item = document.createElement('li');
    item.className = `finding finding-${finding.severity}`;
    const place = document.createElement('button');
    place.type = 'button';
    place.className = 'finding-place';
    place.textContent = finding.message;
    place.addEventListener('click', () => reveal(finding));
    const remedy = document.createElement('p');
    remedy.textContent = finding.way_out;
    item.append(place, remedy);
    return item;
  }));
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const count = document.getElementById('editor-findings-count');
  count.textContent = findings.length ? word('findings', { errors, warnings: findings.length - errors }) : word('no_findings');
  count.dataset.kind = errors ? 'error' : 'calm';
}

/** Save with the button and Ctrl+S, warn before leaving with unsaved work. */
export function bindSaving(save, isDirty) {
  const button = document.getElementById('editor-save');
  const run = async () => {
    button.setAttribute('aria-busy', 'true');
    say(word('saving'));
    try {
      await save();
      say(word('saved', { time: new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' }) }));
    } catch (problem) {
      say(word('not_saved', { reason: problem.message }), 'error');
    }
    button.removeAttribute('aria-busy');
  };
  button.addEventListener('click', run);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      run();
    }
  });
  window.addEventListener('beforeunload', (event) => {
    if (isDirty()) event.preventDefault();
  });
}
