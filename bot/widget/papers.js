// The papers of a dossier as a list to tick, copy and print. Ticks stay on this device.

const TICKED_PROCEDURES = 20; // the newest are kept

/** {procedure code: names of the papers a person has}; read anew each time, tabs share it. */
const ticks = {
  key: `${KEY} papers`,
  all() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) || {};
    } catch {
      return this.kept || {}; // storage is closed to us: ticks live as long as the page
    }
  },
  write(all) {
    this.kept = all;
    try {
      if (Object.keys(all).length) localStorage.setItem(this.key, JSON.stringify(all));
      else localStorage.removeItem(this.key);
    } catch { /* as above */ }
  },
  has(code, name) {
    return Boolean(this.all()[code]?.includes(name));
  },
  set(code, name, on) {
    const { [code]: had = [], ...others } = this.all();
    const names = [...had.filter((one) => one !== name), ...(on ? [name] : [])];
    const newest = Object.entries(others).slice(1 - TICKED_PROCEDURES);
    this.write(Object.fromEntries(names.length ? [...newest, [code, names]] : newest));
  },
  clear() {
    this.write({});
  },
};

const countsOf = (row) => [
  row.originals > 0 && fill(TEXTS.original, { count: row.originals }),
  row.copies > 0 && fill(TEXTS.copy, { count: row.copies }),
  row.quantity,
].filter(Boolean).join(" · ");

const formOf = (row) => {
  const form = row.form_name || (httpUrl(row.form_url) ? TEXTS.form : "");
  if (!form) return null;
  return el("div", { class: "form" }, form === TEXTS.form ? "" : `${TEXTS.form}: `, link(row.form_url, form));
};

/** One paper: a box to tick beside its name, what is asked of it, its form. */
const paper = (row, code) => {
  const counts = countsOf(row);
  const box = el("input", { type: "checkbox", value: row.name, checked: ticks.has(code, row.name), onclick: () => {
    ticks.set(code, row.name, box.checked);
    const root = box.getRootNode();
    for (const twin of root.querySelectorAll(".papers input")) {
      if (twin.dataset.code === code && twin.value === row.name) twin.checked = box.checked;
    }
    for (const tools of root.querySelectorAll(".paper-tools")) tools.count();
  } });
  box.dataset.code = code;
  return el("li", {},
    el("label", {}, box, el("span", { class: "pre" }, withLinks(row.name), counts && el("small", { class: "counts" }, counts))),
    formOf(row));
};

const papersOf = (group, code) =>
  list("ul", { class: "papers" }, group.rows.map((row) => paper(row, code)));

/** The papers by case; of several, the first that the person did not leave out is open. */
const papersByCase = ({ cases, marked, source }) => {
  const first = cases.find((group) => !group.folded);
  return cases.map((group) => {
    if (marked || (cases.length === 1 && !group.folded)) {
      return [group.name && el("p", { class: "case pre" }, el("b", {}, group.name)), papersOf(group, source.code)];
    }
    const count = fill(TEXTS.papers, { count: group.rows.length });
    return el("details", { class: "case", open: group === first },
      el("summary", {}, group.name || TEXTS.papersCase, " ", el("small", {}, `(${count})`)),
      papersOf(group, source.code));
  });
};

/** The list with its tools; `name`: the procedure's, for copies and print; `say` tells what happened. */
const checklist = (block, name, say) => {
  const groups = papersByCase(block);
  const body = el("div", {}, groups);
  const inOpenCases = (selector) => [...body.querySelectorAll(selector)]
    .filter((one) => !one.closest("details.case:not([open])"));
  const tally = el("b", {});
  const untick = el("button", { type: "button", class: "action", onclick: () => {
    for (const box of body.querySelectorAll("input:checked")) box.click();
    body.querySelector("input").focus();
  } }, TEXTS.untick);
  const tools = el("div", { class: "paper-tools", "aria-live": "off" }, tally, el("p", { class: "hint" }, TEXTS.ticksKept),
    el("div", { class: "actions" },
      el("button", { type: "button", class: "action", onclick: () => copyPapers(block, name, say) }, TEXTS.copyPapers),
      el("button", { type: "button", class: "action", onclick: () => printPapers(block, name, openCases(), say) }, TEXTS.printPapers),
      untick));
  const openCases = () => block.cases.filter((_, place) => {
    const drawn = groups[place];
    return Array.isArray(drawn) || drawn.open;
  });
  tools.count = () => {
    const boxes = inOpenCases("input");
    const done = boxes.filter((box) => box.checked).length;
    tally.textContent = fill(done === boxes.length ? TEXTS.tickedAll : TEXTS.ticked, { done, all: boxes.length });
    tally.hidden = untick.hidden = !done;
  };
  for (const drawn of body.querySelectorAll("details")) drawn.addEventListener("toggle", tools.count);
  tools.count();
  body.append(tools);
  return body;
};

const sourceWords = (source) =>
  [`${TEXTS.sourceCode} ${source.code}`, source.decision, source.origin, source.date && day(source.date)]
    .filter(Boolean).join(" · ");

/** The papers as lines of text, a box before each. */
const papersAsText = (block, name) => {
  const line = (row) => {
    const box = ticks.has(block.source.code, row.name) ? "☑" : "☐";
    const form = row.form_name || row.form_url ? `${TEXTS.form}: ${[row.form_name, httpUrl(row.form_url)].filter(Boolean).join(" ")}` : "";
    return [`${box} ${row.name}`, countsOf(row), form].filter(Boolean).join("\n   ");
  };
  const cases = block.cases.map((group) => [group.name, ...group.rows.map(line)].filter(Boolean).join("\n"));
  return [name, block.title, ...cases, ...(block.extra || []), sourceWords(block.source)].filter(Boolean).join("\n\n");
};

const copyPapers = async (block, name, say) => {
  try {
    await navigator.clipboard.writeText(papersAsText(block, name));
    say(TEXTS.copied);
  } catch {
    say(TEXTS.copyFailed);
  }
};

/** Opens the list in a window of its own, laid out for paper; only the cases that are open. */
const printPapers = (block, name, cases, say) => {
  const sheet = window.open("", "_blank");
  if (!sheet) return say(TEXTS.printBlocked);
  const page = sheet.document;
  page.documentElement.lang = "vi";
  page.title = `${block.title}: ${name}`;
  dress(page, PRINT_STYLE, sheet.CSSStyleSheet);
  const row = (one) => el("li", { class: ticks.has(block.source.code, one.name) ? "done" : "" },
    el("b", {}, one.name), el("span", {}, countsOf(one)), formOf(one));
  page.body.replaceChildren(
    el("button", { type: "button", onclick: () => sheet.print() }, TEXTS.printNow),
    el("main", {}, el("p", {}, block.title), el("h1", {}, name),
      cases.map((group) => [group.name && el("h2", {}, group.name), list("ul", {}, group.rows.map(row))]),
      block.extra?.map(paragraphs), el("footer", {}, el("p", {}, TEXTS.printNote), el("p", {}, sourceWords(block.source)))));
};
