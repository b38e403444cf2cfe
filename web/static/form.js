// Forms, made more comfortable where scripts run: focus on errors, show/hide, draft saved while typing, files sent as chosen, position.
// Everything works without this file; nothing here decides what is valid or kept.
const form = document.querySelector("form.form");
document.querySelector("[data-focus]")?.focus();

// A link of the error summary leads into the field, opening what hides it.
document.querySelector(".error-summary")?.addEventListener("click", (event) => {
  const field = document.getElementById(decodeURIComponent(event.target.hash?.slice(1) ?? ""));
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
});

const valueOf = (name) => {
  const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((input) => input.type !== "hidden");
  const ticked = inputs.find((input) => input.checked);
  return ticked ? ticked.value : inputs[0]?.tagName === "SELECT" ? inputs[0].value : "";
};
const reveal = () => {
  for (const part of form.querySelectorAll("[data-shown-when]")) {
    const rule = JSON.parse(part.dataset.shownWhen);
    const source = form.querySelector(`[name="${CSS.escape(rule.field)}"]`)?.closest("[data-shown-when]");
    part.hidden = rule.values.includes(valueOf(rule.field)) !== rule.shown || !!source?.hidden;
  }
};

const say = (place, text, failed) => {
  place.textContent = text;
  place.classList.toggle("is-failed", !!failed);
};

// Draft: two seconds after the last change, without files; a failure is said, never silent.
const startAutosave = () => {
  const status = form.querySelector("[data-status]");
  let timer;
  const save = async () => {
    const body = new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "do"));
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body });
      if (!answer.ok) throw answer.status;
      const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format();
      say(status, `${form.dataset.saved} ${document.documentElement.lang === "fr" ? time.replace(":", " h ") : time}`);
    } catch {
      say(status, form.dataset.notSaved, true);
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(save, 2000);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
};

// Files: each is sent as soon as it is chosen; the server answers {id, name} or {message}.
const sendFiles = async (input) => {
  const box = input.closest("[data-files]");
  const status = box.querySelector(".files-status");
  const token = form.querySelector("input[type=hidden][name*=csrf]");
  for (const file of [...input.files]) {
    say(status, `${file.name} : ${input.dataset.sending}`);
    const body = new FormData();
    if (token) body.append(token.name, token.value);
    body.append("field", input.name);
    body.append("file", file);
    let reply = {};
    try {
      const answer = await fetch(form.dataset.upload, { method: "POST", body, headers: { Accept: "application/json" } });
      reply = await answer.json();
      if (!answer.ok || !reply.id) throw answer.status;
    } catch {
      say(status, `${file.name} : ${reply.message ?? input.dataset.refused}`, true);
      continue;
    }
    addFile(box, input, reply);
    say(status, `${reply.name} : ${input.dataset.sent}`);
  }
  input.value = "";
};
const addFile = (box, input, { id, name }) => {
  const list = box.querySelector(".files");
  const base = input.name.replace(/#file$/, "");
  const line = document.createElement("li");
  line.className = "file";
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: `${base}#id`, value: id });
  const label = Object.assign(document.createElement("span"), { className: "file-name", textContent: name });
  const button = Object.assign(document.createElement("button"), { className: "button button--link", type: "button" });
  button.textContent = input.dataset.remove;
  button.setAttribute("aria-label", `${input.dataset.remove} ${name}`);
  button.addEventListener("click", () => {
    line.remove();
    input.focus();
    form.dispatchEvent(new Event("input"));
  });
  line.append(hidden, label, button);
  list.append(line);
  list.hidden = false;
};

const locate = (button) => {
  const place = button.closest("[data-place]");
  const status = button.parentElement.querySelector("[role=status]");
  button.parentElement.hidden = false;
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const digits = (number) => number.toFixed(6).replace(".", document.documentElement.lang === "fr" ? "," : ".");
        for (const name of ["latitude", "longitude"]) {
          const input = place.querySelector(`[name$='/${name}']`);
          input.value = digits(coords[name]);
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }
        say(status, button.dataset.located);
      },
      () => say(status, button.dataset.lost, true),
      { enableHighAccuracy: true, timeout: 10000 },
    ),
  );
};

if (form) {
  form.addEventListener("change", reveal);
  reveal();
  if (form.dataset.autosave) startAutosave();
  if (form.dataset.upload) {
    form.addEventListener("change", ({ target }) => target.type === "file" && sendFiles(target));
  }
  if (navigator.geolocation) form.querySelectorAll("[data-locate]").forEach(locate);
}
