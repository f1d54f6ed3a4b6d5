// The component: launcher, panel, field, drawers; keeps clear of the page it stands on.

const PLAIN_PAGE = BASE + "chat";
const PHONE = /^[+\d][\d .()-]{4,}$/;
const TOUCH = matchMedia("(pointer: coarse)");
const FULL_SCREEN = matchMedia("(max-width: 599px), (max-height: 479px)");

class Assistant extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.lang = "vi";
    this.wear();
    this.build();
    this.talk = new Talk(this);
    this.listen();
    const state = memory.load();
    this.input.value = state.draft || "";
    this.measure();
    this.launcher.hidden = Boolean(state.hidden);
    if (state.open) this.open({ focus: false });
  }

  // -- drawing the frame --

  wear() {
    dress(this.attachShadow({ mode: "open" }), STYLE);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const theme = () => {
      this.dataset.theme = ["light", "dark"].includes(OPTIONS.theme)
        ? OPTIONS.theme : dark.matches ? "dark" : "light";
    };
    dark.addEventListener("change", theme);
    theme();
  }

  build() {
    this.side = OPTIONS.side === "left" ? "left" : "right";
    this.launchButton = el("button", {
      type: "button", class: "open", "aria-haspopup": "dialog", "aria-expanded": "false",
      "aria-label": `${TEXTS.launcher}: ${TEXTS.launcherName}`, onclick: () => this.open(),
    }, star(), el("span", {}, TEXTS.launcher));
    this.launcher = el("div", { class: "launcher", "data-corner": `bottom-${this.side}` },
      this.launchButton,
      el("button", { type: "button", class: "hide", "aria-label": TEXTS.hideLauncher, onclick: () => this.hideLauncher() },
        icon(ICONS.cross)));
    this.messages = list("ol", {}, []);
    this.dots = el("div", { class: "dots", "aria-hidden": "true", hidden: true }, el("i"), el("i"), el("i"));
    this.log = el("div", {
      class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions",
      "aria-label": TEXTS.log, tabindex: "0",
    }, this.messages, this.dots);
    this.panel = el("dialog", { class: "panel", "aria-labelledby": "title", "data-side": this.side },
      this.buildHead(), this.helpDrawer, this.optionsDrawer, this.log, this.buildForm());
    this.shadowRoot.append(el("div", { class: "root", lang: "vi" }, this.launcher, this.panel));
  }

  buildHead() {
    this.helpDrawer = el("div", { class: "drawer", id: "help", hidden: true });
    this.optionsDrawer = el("div", { class: "drawer", id: "options", hidden: true });
    const drawerButton = (drawer, label, content) => {
      const button = el("button", {
        type: "button", "aria-expanded": "false", "aria-controls": drawer.id, "aria-label": label,
        onclick: () => this.toggle(drawer),
      }, content);
      drawer.button = button;
      return button;
    };
    return el("div", { class: "head" }, star(),
      el("div", { class: "name" }, el("h2", { id: "title" }, TEXTS.title), el("p", {}, TEXTS.subtitle)),
      drawerButton(this.helpDrawer, null, TEXTS.help),
      drawerButton(this.optionsDrawer, TEXTS.options, icon(ICONS.dots)),
      el("button", { type: "button", class: "close", "aria-label": TEXTS.close, onclick: () => this.close() },
        icon(ICONS.cross)));
  }

  buildForm() {
    this.status = el("p", { class: "status", role: "status" });
    this.input = el("textarea", {
      id: "question", rows: "1", placeholder: TEXTS.placeholder, "aria-describedby": "error counter",
      enterkeyhint: "send", autocomplete: "off",
    });
    this.error = el("p", { class: "error", id: "error", role: "alert" });
    this.counter = el("span", { class: "counter", id: "counter" });
    this.form = el("form", { class: "foot", novalidate: true }, this.status,
      el("label", { class: "vh", for: "question" }, TEXTS.inputLabel),
      el("div", { class: "field" }, this.input, el("button", { type: "submit", class: "strong" }, TEXTS.send)),
      el("div", { class: "under" }, this.error, this.counter));
    return this.form;
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.talk.submit();
    });
    this.input.addEventListener("input", () => {
      memory.save({ draft: this.input.value });
      this.complain("");
      this.measure();
    });
    this.input.addEventListener("keydown", (event) => {
      // Telex and VNI editors compose: their Enter is not ours
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.talk.submit();
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.escape();
    });
    this.panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.escape();
    });
    FULL_SCREEN.addEventListener("change", () => this.reshow());
    for (const name of ["resize", "scroll"]) {
      window.visualViewport?.addEventListener(name, () => this.fit());
    }
    window.addEventListener("online", () => this.talk.failed && this.say(TEXTS.online));
    const away = () => this.stepAside();
    document.addEventListener("focusin", away);
    window.addEventListener("resize", away);
    window.addEventListener("scroll", away, { passive: true, capture: true });
    document.addEventListener("click", (event) => {
      const asked = event.target instanceof Element && event.target.closest("[data-ls-ask]");
      if (!asked) return;
      event.preventDefault();
      this.open();
      if (asked.dataset.lsAsk) this.talk.send({ text: asked.dataset.lsAsk });
    });
  }

  // -- open, close, keep clear --

  get isOpen() {
    return this.panel.open;
  }

  open({ focus = true } = {}) {
    if (!this.isOpen) {
      const held = document.activeElement;
      this.show();
      if (!focus) this.giveFocusBack(held);
      this.launchButton.setAttribute("aria-expanded", "true");
      this.launcher.hidden = true;
      memory.save({ open: true, hidden: false });
      this.talk.ready().catch((failure) =>
        this.talk.showFailure(failure, () => this.talk.reopen(), TEXTS.openFailureTitle));
    }
    if (focus) this.takeFocus();
  }

  /** The field takes the focus; under fingers the talk does, as a keyboard would cover it. */
  takeFocus() {
    (TOUCH.matches ? this.log : this.input).focus({ preventScroll: true });
  }

  show() {
    const full = FULL_SCREEN.matches;
    this.panel.classList.toggle("full", full);
    if (full) this.panel.showModal();
    else this.panel.show();
    this.measure();
    this.fit();
  }

  /** A dialog takes the focus when shown; a talk taken up on a new page must not. */
  giveFocusBack(held) {
    this.shadowRoot.activeElement?.blur();
    if (held && held !== document.body) held.focus({ preventScroll: true });
  }

  /** The window crossed the line between a panel and a full screen: show again, focus kept. */
  reshow() {
    if (!this.isOpen) return;
    const held = this.shadowRoot.activeElement;
    this.panel.close();
    this.show();
    (held || this.input).focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.toggle(null);
    this.panel.close();
    this.launcher.hidden = false;
    this.launchButton.setAttribute("aria-expanded", "false");
    memory.save({ open: false });
    this.launchButton.focus({ preventScroll: true });
  }

  escape() {
    const open = [this.helpDrawer, this.optionsDrawer].find((drawer) => !drawer.hidden);
    if (!open) return this.close();
    this.toggle(null);
    open.button.focus();
  }

  hideLauncher() {
    this.launcher.hidden = true;
    memory.save({ hidden: true });
  }

  /** Fits the full screen to what the on-screen keyboard leaves; low windows scroll their head away. */
  fit() {
    if (!this.isOpen) return;
    const view = window.visualViewport;
    const height = view ? view.height : window.innerHeight;
    this.panel.style.setProperty("--_height", `${height}px`);
    this.panel.style.setProperty("--_top", `${view ? view.offsetTop : 0}px`);
    this.panel.classList.toggle("short", height < 400);
  }

  /** Moves the closed launcher to a corner where it covers no focused element of the page. */
  stepAside() {
    const focused = document.activeElement;
    if (this.launcher.hidden || !focused || focused === this || focused === document.body) return;
    const box = focused.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.launcher;
    const gap = 24;
    const clear = (corner) => {
      const left = corner.endsWith("left") ? 0 : innerWidth - width - gap;
      const top = corner.startsWith("top") ? 0 : innerHeight - height - gap;
      return box.right < left || box.left > left + width + gap ||
        box.bottom < top || box.top > top + height + gap;
    };
    const other = this.side === "left" ? "right" : "left";
    const corners = [`bottom-${this.side}`, `bottom-${other}`, `top-${this.side}`, `top-${other}`];
    this.launcher.dataset.corner = corners.find(clear) || corners[0];
  }

  // -- help and options --

  toggle(drawer) {
    for (const one of [this.helpDrawer, this.optionsDrawer]) {
      const open = one === drawer && one.hidden;
      if (open) one.replaceChildren(...(one === this.helpDrawer ? [this.contact()] : this.talkOptions()));
      one.hidden = !open;
      one.button.setAttribute("aria-expanded", String(open));
    }
  }

  contact() {
    const { hotline, office, hours } = OPTIONS;
    const told = memory.state.contact || [];
    const own = [[TEXTS.hotline, hotline], [TEXTS.office, office], [TEXTS.hours, hours]]
      .filter(([, value]) => value && !told.some(([, said]) => said === value));
    const call = (value) => PHONE.test(value)
      ? el("a", { href: `tel:${value.replace(/[^\d+]/g, "")}` }, value) : withLinks(value);
    const lines = [...own, ...told];
    return el("section", { class: "contact" }, el("h3", {}, TEXTS.helpTitle),
      lines.length ? pairs("", lines, call) : paragraphs(TEXTS.helpDefault),
      list("ul", {}, [
        link(PLAIN_PAGE, TEXTS.plainPage),
        !told.length && link(TEXTS.portalUrl, TEXTS.portal),
      ].filter(Boolean).map((entry) => el("li", {}, entry))));
  }

  talkOptions() {
    const action = (label, run) =>
      el("li", {}, el("button", { type: "button", class: "action", onclick: run }, label));
    return [list("ul", {}, [
      action(TEXTS.newTalk, () => this.backToField(() => this.talk.startAnew(TEXTS.newTalkDone))),
      action(TEXTS.download, () => {
        this.escape();
        this.talk.download();
      }),
      action(TEXTS.erase, () => this.askErase()),
    ])];
  }

  askErase() {
    const keep = el("button", { type: "button", class: "action", onclick: () => this.escape() }, TEXTS.eraseNo);
    const erase = el("button", { type: "button", class: "action", onclick: () => this.backToField(() => this.talk.erase()) }, TEXTS.eraseYes);
    this.optionsDrawer.replaceChildren(el("div", { role: "group", "aria-labelledby": "ask" },
      el("p", { id: "ask" }, TEXTS.eraseAsk), el("div", { class: "actions" }, keep, erase)));
    keep.focus();
  }

  backToField(run) {
    this.toggle(null);
    this.takeFocus();
    run();
  }

  // -- for the talk --

  /** Whether the person is at the field. */
  get typing() {
    return this.shadowRoot.activeElement === this.input;
  }

  measure() {
    const used = [...this.input.value.normalize("NFC")].length;
    this.counter.textContent = fill(TEXTS.counter, { used, most: MOST });
    this.counter.classList.toggle("vh", used === 0);
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 144)}px`;
    return used;
  }

  setInput(text) {
    this.input.value = text;
    memory.save({ draft: text });
    this.measure();
  }

  complain(text) {
    this.error.textContent = text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  say(text, busy = false) {
    this.dots.hidden = !busy; // to the eye; the words beside the field are for everybody
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** Draws what was said before (or the greeting) without announcing it as news. */
  quietly(draw) {
    this.log.setAttribute("aria-live", "off");
    draw();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
  }

  get scroller() {
    return this.panel.classList.contains("short") ? this.panel : this.log;
  }

  /** Brings an element to the top of the talk, so an answer is read from its beginning. */
  scrollTo(shown) {
    const scroller = this.scroller;
    const top = scroller.scrollTop + shown.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 8;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    scroller.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  }

  scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

if (!customElements.get(TAG)) { // where the tag stands twice, one assistant is enough
  customElements.define(TAG, Assistant);
  const mount = () => document.documentElement.append(document.createElement(TAG));
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
}
