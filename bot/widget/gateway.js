// Where this script came from, what the tab remembers, and calls to the gateway.

const TAG = "ls-assistant";
const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
const OPTIONS = SCRIPT.dataset;
const BASE = new URL(".", SCRIPT.src).href;
const KEY = `${TAG} ${BASE}`;
const GIVE_UP_MS = 20000;

/** {talk: {id, token, notice, suggestions}, contact, open, hidden, draft, procedure, dossier} */
const memory = {
  state: {},
  load() {
    try {
      this.state = JSON.parse(sessionStorage.getItem(KEY)) || {};
    } catch {
      this.state = {}; // storage is closed to us: the talk lives as long as the page
    }
    return this.state;
  },
  save(changes) {
    Object.assign(this.state, changes);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.state));
    } catch { /* as above */ }
  },
};

class Failure extends Error {
  /** kind: a key of TEXTS.failures; detail: the gateway's own sentence; sent: it may have arrived */
  constructor(kind, detail = "", sent = false) {
    super(kind);
    Object.assign(this, { kind, detail, sent });
  }
}

const kindOf = (status) => {
  if ([401, 403, 404, 410].includes(status)) return "gone";
  if ([400, 413, 422].includes(status)) return "rejected";
  if (status === 429) return "busy";
  return status === 503 ? "off" : "server";
};

const api = async (method, path, token, body) => {
  if (navigator.onLine === false) throw new Failure("offline");
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), GIVE_UP_MS);
  try {
    const response = await fetch(`${BASE}api/v1/${path}`, {
      method, signal: abort.signal, credentials: "same-origin", cache: "no-store",
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      const detail = typeof problem.detail === "string" ? problem.detail : "";
      throw new Failure(kindOf(response.status), detail);
    }
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (abort.signal.aborted) throw new Failure("slow", "", true);
    throw new Failure(navigator.onLine === false ? "offline" : "unreachable", "", true);
  } finally {
    clearTimeout(timer);
  }
};
