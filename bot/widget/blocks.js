// Answer blocks as cards. What a record says stands word for word.

const SHORT_FACT = 26; // characters that fit beside another fact on a phone

/** Code, decision, where from, as of when: under each part of a record. */
const sourceLine = (source) =>
  source ? el("p", { class: "source" },
    el("span", {}, `${TEXTS.sourceCode} `, source.code),
    source.decision && el("span", {}, source.decision.startsWith(TEXTS.sourceDecision)
      ? source.decision : `${TEXTS.sourceDecision} ${source.decision}`),
    source.origin && el("span", {}, link(source.url, source.origin)),
    source.date && el("span", {}, day(source.date))) : null;

const extras = (lines) =>
  lines?.length ? el("div", { class: "extra" }, el("h4", {}, TEXTS.extra), lines.map(paragraphs)) : null;

/** A part of an answer with title and source; a folded one is opened by its title. */
const card = (block, heading, content, count = "") => {
  const inside = [content, extras(block.extra), sourceLine(block.source)];
  if (!block.folded) {
    return el("section", { class: block.marked ? "card marked" : "card" },
      block.title && el(heading, {}, block.title), inside);
  }
  return el("section", { class: "card" }, el("details", {},
    el("summary", {}, el(heading, {}, block.title, count && [" ", el("small", {}, `(${count})`)])), inside));
};

const papersCount = (block) =>
  fill(TEXTS.papers, { count: block.cases.reduce((sum, group) => sum + group.rows.length, 0) });

const cell = (label, content) => el("td", { role: "cell", "data-label": label }, el("div", {}, content));

/** A table that a narrow panel stacks; `heads`: of all columns, `rows`: a name, then what each cell holds. */
const tableOf = (title, heads, rows) =>
  el("table", { role: "table", "aria-label": title },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      heads.map((head) => el("th", { role: "columnheader", scope: "col" }, head)))),
    el("tbody", { role: "rowgroup" }, rows.map(([name, ...cells]) =>
      el("tr", { role: "row" }, el("th", { role: "rowheader", scope: "row" }, name),
        cells.map((content, place) => cell(heads[place + 1], content))))));

const feeTable = (block) =>
  tableOf(block.title, [TEXTS.method, TEXTS.time, TEXTS.fees], block.rows.map((row) => [
    row.method,
    el("p", { class: "pre" }, row.time),
    [
      row.fees.length ? list("ul", {}, row.fees.map((fee) => el("li", { class: "pre" }, withLinks(fee)))) : TEXTS.noFee,
      row.note && el("p", { class: "source pre" }, withLinks(row.note)),
    ],
  ]));

/** Facts in rows: two short ones beside each other share a row. */
const facts = (lines) => {
  const short = (line) => line && line[1].length <= SHORT_FACT;
  const rows = [];
  for (let place = 0, wide = 1; place < lines.length; place += wide) {
    wide = short(lines[place]) && short(lines[place + 1]) ? 2 : 1;
    rows.push(lines.slice(place, place + wide));
  }
  return el("dl", { class: "facts" }, rows.flatMap((row) => row.map(([label, value]) =>
    el("div", { class: row.length === 1 && "long" }, el("dt", {}, label), el("dd", { class: "pre" }, withLinks(value))))));
};

const timeline = (rows) =>
  list("ol", { class: "timeline", "aria-label": TEXTS.timeline }, rows.map((row) =>
    el("li", { class: row.state, "aria-current": row.state === "now" && "step" },
      el("b", {}, row.label), row.when && ` ${row.when}`, el("small", {}, ` (${TEXTS.states[row.state]})`))));

/** How each block type is drawn: (block, {heading, name, talk}) -> element. */
const DRAW = {
  __proto__: null, // no type but those that stand here
  text: (block, { heading }) => {
    const text = el("div", { class: "text" }, paragraphs(block.text ?? ""));
    return block.title || block.source ? card(block, heading, text) : text;
  },
  procedure: (block) =>
    el("section", { class: "card procedure" },
      el("p", { class: "kind" }, [block.level, block.field].filter(Boolean).join(" · ")),
      el("h3", {}, block.name),
      block.facts?.length > 0 && facts(block.facts),
      block.warning && el("p", { class: "note warning pre" }, el("b", {}, `${TEXTS.warning}: `), block.warning),
      httpUrl(block.url) && el("p", { class: block.online && block.facts?.length ? "links go" : "links" },
        link(block.url, block.online ? TEXTS.submitOnline : TEXTS.viewRecord)),
      sourceLine(block.source)),
  fee_table: (block, { heading }) => card(block, heading, feeTable(block)),
  components: (block, { heading, name, talk }) =>
    card(block, heading, checklist(block, name || block.source.code, (text) => talk.view.say(text)), papersCount(block)),
  steps: (block, { heading }) =>
    card(block, heading, el("div", {}, list("ol", { class: "steps" }, block.steps.map((step) =>
      el("li", {}, step.name && el("b", { class: "lead" }, step.name), paragraphs(step.text)))))),
  list: (block, { heading }) => {
    const items = list("ul", { class: "plain" }, block.items.map(([text, detail]) =>
      el("li", { class: "pre" }, withLinks(text), detail && el("span", {}, withLinks(detail)))));
    return card(block, heading, el("div", {}, items), fill(TEXTS.items, { count: block.items.length }));
  },
  dossier: (block) =>
    el("section", { class: "card procedure" },
      el("p", { class: "kind" }, `${TEXTS.dossier} ${block.code}`),
      el("h3", {}, block.status),
      el("div", { class: "text" }, paragraphs(block.meaning)),
      block.due && el("p", { class: `note ${block.late ? "warning" : ""}` }, block.due),
      block.next_steps.length > 0 && el("div", { class: "next" }, el("h4", {}, TEXTS.nextSteps),
        list("ul", {}, block.next_steps.map((step) => el("li", {}, withLinks(step))))),
      timeline(block.timeline),
      el("p", { class: "source" },
        [block.procedure, block.agency && `${TEXTS.agency}: ${block.agency}`, block.as_of]
          .filter(Boolean).map((part) => el("span", {}, part)))),
  figures: (block, { heading }) =>
    el("section", { class: "card" }, el(heading, {}, block.title), el("p", {}, block.unit),
      tableOf(block.title, [TEXTS.field, ...block.columns], block.rows.map((row) => [row.name, ...row.values])),
      el("p", { class: "source" }, block.as_of)),
  rule_article: (block) =>
    el("section", { class: "card procedure" },
      el("p", { class: "kind" }, block.document),
      el("h3", {}, block.address),
      block.lead && el("div", { class: "text" }, paragraphs(block.lead)),
      el("div", { class: "text" }, paragraphs(block.text)),
      block.notes.map((note) => el("p", { class: "note" }, note)),
      el("p", { class: "source" },
        [block.number, block.force, block.url].filter(Boolean).map((part) => el("span", {}, withLinks(part))))),
  choices: (block, { talk }) =>
    el("div", { class: "text" }, paragraphs(block.text), list("ol", { class: "choices" },
      block.options.map((option) => el("li", {}, optionButton(option, "choice", talk))))),
  contact: (block) =>
    el("section", { class: "note contact" }, paragraphs(block.text),
      block.lines?.length > 0 && pairs("", block.lines)),
  notice: (block) =>
    el("div", { class: `note ${block.level === "warning" ? "warning" : ""}` },
      block.level === "warning" && el("b", {}, TEXTS.warning), paragraphs(block.text)),
};

/** The bare name of a procedure is answered by its facts: the parts behind them are one tap away,
 * unless the answer itself says what is open. */
const factsFirst = (blocks) => {
  const heads = blocks.filter((block) => block.type === "procedure");
  const shaped = blocks.some((block) => block.folded || block.marked);
  if (heads.length !== 1 || !heads[0].facts?.length || shaped) return blocks;
  return blocks.map((block) => (block.title ? { ...block, folded: true } : block));
};

const drawBlocks = (blocks, talk) => {
  const context = { heading: "h3", name: "", talk };
  return factsFirst(blocks).map((block) => {
    const drawn = (DRAW[block.type] || DRAW.text)(block, context);
    if (block.type === "procedure") Object.assign(context, { heading: "h4", name: block.name });
    return drawn;
  });
};
