// What stands in the log: the first notice, questions, answers, remarks, failures.

const ASKED_AT_ONCE = 5; // of the most asked questions; the others are one tap away

const mine = (text) =>
  el("li", { class: "turn mine", tabindex: "-1" }, el("span", { class: "vh" }, `${TEXTS.you} `), text);

const remark = (text) => el("li", { class: "turn note" }, text);

/** What the first contact has to say, word for word. */
const firstNotice = (text) =>
  el("li", { class: "turn note first" }, el("strong", {}, TEXTS.notice), " ", text.split("\n").join(" "));

const optionButton = (option, kind, talk) => {
  const sent = option.id ? { choice: option.id } : { text: option.text || option.label };
  return el("button", { type: "button", class: kind, onclick: () => talk.send({ ...sent, label: option.label }) },
    el(kind === "choice" ? "b" : "span", {}, option.label), option.detail && el("small", {}, option.detail));
};

const chips = (options, talk) =>
  list("ul", { class: "chips", "aria-label": TEXTS.suggestions },
    options.map((option) => el("li", {}, optionButton(option, "chip", talk))));

/** Before the first question: what was chosen last, then what people ask most. */
const offer = (again, asked, talk) => {
  if (!again.length && !asked.length) return null;
  const more = asked.slice(ASKED_AT_ONCE);
  return el("li", { class: "turn text offer" },
    again.length > 0 && chips(again, talk),
    asked.length > 0 && el("h3", {}, TEXTS.mostAsked), chips(asked.slice(0, ASKED_AT_ONCE), talk),
    more.length > 0 && el("details", {},
      el("summary", {}, fill(TEXTS.moreAsked, { count: more.length })), chips(more, talk)));
};

const feedback = (turn, talk) => {
  const group = el("div", { class: "feedback", role: "group", "aria-label": TEXTS.useful },
    el("span", { "aria-hidden": "true" }, TEXTS.useful));
  const vote = (value, label) => el("button", {
    type: "button", class: "action", "aria-pressed": "false", onclick: async (event) => {
      const pressed = event.currentTarget;
      try {
        await talk.vote(turn, value);
        for (const one of group.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === pressed));
        talk.view.say(TEXTS.thanks);
      } catch {
        talk.view.say(TEXTS.feedbackFailed);
      }
    },
  }, label);
  group.append(vote("up", TEXTS.up), vote("down", TEXTS.down));
  return group;
};

const answer = (turn, talk) => {
  const sourced = turn.blocks.some((block) => block.source);
  const suggestions = turn.suggestions || [];
  return el("li", { class: "turn answer" }, el("span", { class: "vh" }, `${TEXTS.assistant} `),
    drawBlocks(turn.blocks, talk), sourced && feedback(turn.turn_id, talk),
    suggestions.length > 0 && chips(suggestions, talk));
};

/** What went wrong in words, a way to try again, and whom to ask instead. */
const failureItem = (title, text, retry, contact) =>
  el("li", { class: "turn failure" }, el("h3", {}, title), el("p", {}, text),
    el("div", { class: "actions" }, el("button", { type: "button", class: "action strong", onclick: retry }, TEXTS.retry)),
    contact);
