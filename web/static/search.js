// Search: a list that answers what is typed (the ARIA combobox pattern), over a long choice or the national address base.
// The page works without this file: the choice is a plain list, the address plain fields, and any address may be typed.
const form = document.querySelector("form.form");
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’']/g, " ");
const MOST = 20;
let lists = 0;

// `find(text)` gives [{label, hint}] or a promise of it; `choose(found)` takes one; `said` holds the words for the status.
const combobox = (input, { find, choose, said, delay = 0, least = 0 }) => {
  const list = Object.assign(document.createElement("ul"), { className: "search-list", id: `search-${++lists}`, hidden: true });
  const status = Object.assign(document.createElement("span"), { className: "visually-hidden" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? input.getAttribute("aria-label") ?? "");
  status.setAttribute("role", "status");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" })) input.setAttribute(name, value);
  input.after(list, status);
  let found = [];
  let active = -1;
  let asked = 0;
  let timer;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (rank) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (rank + found.length) % found.length;
    const option = list.children[active];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const take = (rank) => {
    clearTimeout(timer);
    asked += 1;
    choose(found[rank]);
    close();
  };
  const show = async () => {
    const text = input.value.trim();
    const number = ++asked;
    if (text.length < least) return close();
    const answer = await find(text);
    // An answer that comes late is for another question.
    if (number !== asked || document.activeElement !== input) return;
    found = answer.slice(0, MOST);
    list.replaceChildren(...found.map(({ label, hint }, rank) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}-${rank}`, textContent: label });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      if (hint) option.append(Object.assign(document.createElement("span"), { className: "search-hint", textContent: hint }));
      // Before the field loses the focus.
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(rank));
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!!found.length));
    status.textContent = found.length ? said.found.replace("{n}", found.length) : said.none;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, delay);
  };
  input.addEventListener("input", soon);
  input.addEventListener("click", () => list.hidden && soon());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else point(active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1));
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
};

// A long choice: the list stays in the page and is what is sent; a field to type in stands before it.
const searchable = (select) => {
  const input = Object.assign(document.createElement("input"), { type: "text", className: select.className, id: select.id, spellcheck: false });
  const choices = [...select.options].filter((option) => option.value);
  for (const name of ["aria-describedby", "aria-invalid", "disabled"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  select.removeAttribute("id");
  select.hidden = true;
  select.before(input);
  const name = () => (select.value ? select.selectedOptions[0].textContent : "");
  input.value = name();
  const choose = (option) => {
    select.value = option?.value ?? "";
    input.value = name();
    select.dispatchEvent(new Event("change", { bubbles: true }));
    form.dispatchEvent(new Event("input"));
  };
  combobox(input, {
    said: select.dataset,
    find: (text) => {
      const words = text === name() ? [] : fold(text).split(/\s+/);
      return choices.filter((option) => words.every((word) => ` ${fold(option.textContent)}`.includes(` ${word}`))).map((option) => ({ label: option.textContent, option }));
    },
    choose: ({ option }) => choose(option),
  });
  // What is typed in full is chosen; what is no choice gives place to the last one; nothing is no answer.
  input.addEventListener("blur", () => {
    const typed = fold(input.value.trim());
    const exact = choices.find((option) => fold(option.textContent) === typed);
    if (!typed || exact) choose(exact);
    else input.value = name();
  });
};

// An address: what is chosen fills the fields below, which stay open: an address that no base knows is an address.
const addressable = (box, url) => {
  const fields = box.closest("fieldset");
  const put = (end, value) => {
    const field = fields.querySelector(`[name$='/${end}']`);
    if (!field || value === "" || value === undefined) return;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const decimal = (number) => number?.toFixed(6).replace(".", document.documentElement.lang === "fr" ? "," : ".");
  const input = box.querySelector("input");
  box.hidden = false;
  combobox(input, {
    said: input.dataset,
    delay: 250,
    least: 4,
    find: async (text) => {
      try {
        const answer = await fetch(`${url}?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } });
        return answer.ok ? (await answer.json()).places : [];
      } catch {
        return [];
      }
    },
    choose: (place) => {
      input.value = place.label;
      put("lines", place.lines);
      put("postcode", place.postcode);
      put("town", place.town);
      put("address", place.label);
      put("latitude", decimal(place.latitude));
      put("longitude", decimal(place.longitude));
    },
  });
};

// A map beside a place: nothing of it is fetched before somebody asks to see it.
const mappable = (offer) => {
  const button = offer.querySelector("button");
  const panel = offer.querySelector("[data-map]");
  const show = button.textContent;
  let drawn;
  const draw = async () => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: panel.dataset.style });
    await new Promise((resolve, reject) => {
      style.addEventListener("load", resolve);
      style.addEventListener("error", reject);
      document.head.append(style);
    });
    (await import(panel.dataset.script)).draw(panel, offer.closest("fieldset"));
  };
  offer.hidden = false;
  button.addEventListener("click", async () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    button.textContent = panel.hidden ? show : button.dataset.hide;
    if (panel.hidden || drawn) return;
    drawn = true;
    try {
      await draw();
    } catch {
      drawn = false;
      panel.querySelector("[role=status]").textContent = panel.dataset.lost;
    }
  });
};

if (form) {
  form.querySelectorAll("[data-map-offer]").forEach(mappable);
  form.querySelectorAll("select[data-search]").forEach(searchable);
  if (form.dataset.addresses) form.querySelectorAll("[data-address-search]").forEach((box) => addressable(box, form.dataset.addresses));
}
