// The conversation: begun, kept over reloads, asked, answered, retried without doubles or losses.

const MOST = 1000; // characters of one question, as the gateway counts them
const SLOW_MS = 5000;
const OTHER_TAB_MS = 120;
const DOSSIER_CODE = /\bH\d{2}(?:\.\d+)*-\d{6}-\d{4,}\b/i;

class Talk {
  /** view: the component, which owns the log and the field. */
  constructor(view) {
    this.view = view;
    this.turns = new Set(); // ids of the turns on screen
    this.tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.listenToOtherTabs();
  }

  get log() {
    return this.view.messages;
  }

  // -- begin, restore, leave --

  /** Resolves when a talk stands; starts or restores it once, whoever asks. */
  ready() {
    if (!this.begun) {
      this.begun = this.begin().catch((failure) => {
        this.begun = false;
        throw failure;
      });
    }
    return this.begun;
  }

  async begin() {
    this.view.say(TEXTS.opening, true);
    try {
      if (memory.state.talk && (await this.takenElsewhere())) memory.save({ talk: null, draft: "" });
      if (!memory.state.talk || !(await this.restore())) {
        await this.start();
        this.view.quietly(() => this.greet());
      }
      this.holds = true;
    } finally {
      this.view.say("");
    }
  }

  async start() {
    const made = await api("POST", "conversations");
    memory.save({
      talk: {
        id: made.conversation_id, token: made.token, notice: made.notice,
        suggestions: made.suggestions || [],
      },
      contact: made.notice?.lines,
    });
  }

  async restore() {
    try {
      const turns = await this.history();
      this.view.quietly(() => {
        this.greet(turns.length === 0);
        for (const turn of turns) this.addTurn(turn);
        if (turns.length) this.dropOldSuggestions();
      });
      this.view.scrollToEnd();
      return true;
    } catch (failure) {
      if (failure.kind === "gone") {
        memory.save({ talk: null });
        this.log.append(remark(TEXTS.expired));
        return false;
      }
      this.showFailure(failure, () => this.reopen(), TEXTS.openFailureTitle);
      return true; // history is out of reach, asking may still work
    }
  }

  async history() {
    const { id, token } = memory.state.talk;
    return (await api("GET", `conversations/${id}/messages`, token)).turns;
  }

  greet(offered = true) {
    const { notice, suggestions } = memory.state.talk;
    const { procedure, dossier } = memory.state;
    if (notice?.text) this.log.append(firstNotice(notice.text));
    if (!offered) return;
    const again = [
      procedure && { label: fill(TEXTS.again, { name: procedure }), text: procedure },
      dossier && { label: fill(TEXTS.dossierAgain, { code: dossier }), text: dossier },
    ].filter(Boolean);
    this.log.append(offer(again, suggestions, this) || "");
  }

  /** Clears the screen and starts (or takes up) the talk again. */
  reopen(said = "") {
    this.log.replaceChildren();
    this.turns.clear();
    this.failed = null;
    this.begun = this.holds = false;
    this.ready().then(() => said && this.view.say(said),
      (failure) => this.showFailure(failure, () => this.reopen(), TEXTS.openFailureTitle));
  }

  startAnew(said) {
    memory.save({ talk: null });
    this.reopen(said);
  }

  async erase() {
    const talk = memory.state.talk;
    try {
      if (talk) await api("DELETE", `conversations/${talk.id}`, talk.token);
    } catch (failure) {
      if (failure.kind !== "gone") return this.showFailure(failure, () => this.erase(), TEXTS.erase);
    }
    this.view.setInput("");
    this.forget();
    this.startAnew(TEXTS.eraseDone);
  }

  /** Nothing of an erased talk stays here; the next question begins another. */
  forget() {
    this.log.replaceChildren();
    ticks.clear();
    memory.save({ talk: null, procedure: null, dossier: null });
  }

  /** The talk as a text file, closed details included. */
  download() {
    const text = [...this.log.children].map(plainText).join("\n\n")
      .replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
    if (!text) return this.view.say(TEXTS.downloadEmpty);
    const url = URL.createObjectURL(new Blob([`\ufeff${text}\n`], { type: "text/plain;charset=utf-8" }));
    el("a", { href: url, download: TEXTS.downloadName }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    this.view.say(TEXTS.downloadDone);
  }

  // -- ask --

  /** Sends what stands in the field; what did not arrive before goes out with the id it had. */
  submit() {
    const used = this.view.measure();
    const text = this.view.input.value.trim();
    if (this.busy) return this.view.say(TEXTS.stillWaiting, true);
    if (!text) return this.view.complain(TEXTS.emptyError);
    if (used > MOST) return this.view.complain(fill(TEXTS.longError, { most: MOST, over: used - MOST }));
    this.view.complain("");
    const again = this.undelivered?.typed && this.undelivered.text === text;
    this.send(again ? this.undelivered : { text, typed: true });
  }

  /** One question: {text} or {choice, label}; what was typed comes back if it does not arrive.
   * Its id goes with it, so that a question sent twice is answered once. */
  async send(message) {
    if (this.busy) return this.view.say(TEXTS.stillWaiting, true);
    this.busy = true;
    this.failed?.remove();
    this.failed = null;
    message.id = message.id || crypto.getRandomValues(new Uint32Array(4)).join("-");
    if (message.typed) this.view.setInput("");
    try {
      await this.ready();
      const shown = mine(message.label || message.text);
      this.log.append(shown);
      if (!this.view.typing) shown.focus({ preventScroll: true });
      await this.ask(message, shown);
    } catch (failure) {
      this.giveBack(message, failure);
    } finally {
      this.busy = false;
    }
  }

  async ask(message, shown) {
    const slow = setTimeout(() => this.view.say(TEXTS.slow, true), SLOW_MS);
    this.view.say(TEXTS.waiting, true);
    this.view.scrollTo(shown);
    try {
      await this.catchUp(message, shown);
      const turn = await this.deliver(message, shown);
      this.undelivered = null;
      this.dropOldSuggestions();
      this.remember(message, turn);
      if (turn.outcome === "erased") this.forget();
      this.addAnswer(turn);
      this.view.scrollTo(shown);
    } catch (failure) {
      if (this.view.shadowRoot.activeElement === shown) this.view.takeFocus();
      shown.remove();
      throw failure;
    } finally {
      clearTimeout(slow);
      this.view.say("");
    }
  }

  /** Draws an answer whose reply was lost, when something else is asked now. */
  async catchUp(message, shown) {
    const { unsure } = this;
    this.unsure = null;
    if (!unsure || unsure === message || !memory.state.talk) return;
    const lost = (await this.history()).filter((turn) => !this.turns.has(turn.turn_id));
    shown.remove();
    for (const turn of lost) this.addTurn(turn);
    this.log.append(shown);
  }

  async deliver(message, shown) {
    try {
      return await this.post(message);
    } catch (failure) {
      if (failure.kind !== "gone") {
        this.unsure = failure.sent ? message : null;
        throw failure;
      }
      await this.start();
      shown.before(remark(TEXTS.expired));
      return this.post({ id: message.id, text: message.text || message.label });
    }
  }

  async post(message) {
    if (!memory.state.talk) await this.start();
    const { id, token } = memory.state.talk;
    const said = message.choice ? { choice: message.choice } : { text: message.text };
    return api("POST", `conversations/${id}/messages`, token, { ...said, message_id: message.id });
  }

  vote(turn, value) {
    return api("POST", `turns/${turn}/feedback`, memory.state.talk.token, { value });
  }

  giveBack(message, failure) {
    this.undelivered = message;
    if (message.typed && !this.view.input.value) this.view.setInput(message.text);
    if (failure.kind === "rejected" && message.typed) {
      return this.view.complain(failure.detail || TEXTS.failures.rejected);
    }
    this.showFailure(failure, () => {
      if (message.typed) this.submit();
      else this.send(message);
    }, TEXTS.failureTitle);
  }

  showFailure(failure, retry, title) {
    this.failed?.remove();
    const known = failure instanceof Failure;
    if (!known) setTimeout(() => { throw failure; }); // a fault of ours: the console keeps it
    const text = (known && failure.detail) || TEXTS.failures[known ? failure.kind : "server"];
    this.failed = failureItem(title, text, () => {
      this.failed?.remove();
      this.failed = null;
      this.view.takeFocus();
      retry();
    }, this.view.contact());
    this.log.append(this.failed);
    this.view.scrollTo(this.failed);
  }

  /** The procedure and the dossier code of this tab, to be offered again in the next talk. */
  remember(message, turn) {
    const found = turn.blocks.find((block) => block.type === "procedure");
    const code = DOSSIER_CODE.exec(message.text || "");
    if (found) memory.save({ procedure: found.name });
    if (code) memory.save({ dossier: code[0].toUpperCase() });
  }

  // -- the log --

  addTurn(turn) {
    if (turn.text) this.log.append(mine(turn.text));
    this.addAnswer(turn);
  }

  addAnswer(turn) {
    this.turns.add(turn.turn_id);
    this.log.append(answer(turn, this));
  }

  dropOldSuggestions() {
    const last = this.log.lastElementChild;
    for (const old of this.log.querySelectorAll(".chips")) {
      if (!last.matches(".answer") || !last.contains(old)) (old.closest(".offer") || old).remove();
    }
  }

  // -- two tabs --

  /** A duplicated tab copies what the first remembers: the one that holds the talk keeps it. */
  listenToOtherTabs() {
    if (!("BroadcastChannel" in window)) return;
    this.tabs = new BroadcastChannel(KEY);
    this.tabs.onmessage = ({ data }) => {
      const held = this.holds && data.ask && data.ask === memory.state.talk?.id;
      if (held) this.tabs.postMessage({ to: data.from });
      if (data.to === this.tab) this.taken = true;
    };
  }

  async takenElsewhere() {
    if (!this.tabs) return false;
    this.taken = false;
    this.tabs.postMessage({ ask: memory.state.talk.id, from: this.tab });
    await new Promise((resolve) => setTimeout(resolve, OTHER_TAB_MS));
    return this.taken;
  }
}
