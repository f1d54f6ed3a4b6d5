// Elements, links and words.

/** A text of the catalogue with its {fields} filled in. */
const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);

/** One element; `onclick` is a listener, other attributes are set as text; null is left out. */
const el = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "onclick") node.addEventListener("click", value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
};

const drawing = (attributes, ...paths) => {
  const make = (name, values) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
    return node;
  };
  const svg = make("svg", { viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", ...attributes });
  svg.append(...paths.map((values) => make("path", values)));
  return svg;
};

const icon = (path) => drawing({
  fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round",
}, { d: path });

/** The assistant's mark: star anise, the spice the province is known for. */
const star = () => drawing({ width: 28, height: 28, fill: "currentColor" },
  ...Array.from({ length: 8 }, (_, turn) => ({
    d: "M12 10.6C9.9 8 10.2 4.2 12 1.2c1.8 3 2.1 6.8 0 9.4z", transform: `rotate(${turn * 45} 12 12)`,
  })));

const ICONS = {
  cross: "M6 6l12 12M18 6L6 18",
  dots: "M4 7h16M4 12h16M4 17h16",
};

const httpUrl = (value) => {
  try {
    const url = new URL(value);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

/** A link that opens beside the talk; anything but http(s) stays plain text. */
const link = (url, label) => {
  const href = httpUrl(url);
  if (!href) return label;
  const hint = el("span", { class: "vh" }, TEXTS.newWindow);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label, hint);
};

const withLinks = (text) =>
  String(text).split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).map((part, index) =>
    index % 2 ? link(part, part) : part);

const paragraphs = (text) =>
  String(text).split(/\n\s*\n/).filter((part) => part.trim())
    .map((part) => el("p", { class: "pre" }, withLinks(part.trim())));

const day = (iso) => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return parts ? `${parts[3]}/${parts[2]}/${parts[1]}` : iso;
};

/** Puts a style sheet on a shadow root or a document; `Sheet`: the constructor of its window. */
const dress = (root, css, Sheet = CSSStyleSheet) => {
  try {
    const sheet = new Sheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    (root.head || root).append(el("style", {}, css)); // browsers before constructable sheets
  }
};

const list = (name, attributes, items) => el(name, { role: "list", ...attributes }, items);

const pairs = (name, lines, drawn = withLinks) =>
  el("dl", { class: name }, lines.map(([label, value]) =>
    el("div", {}, el("dt", {}, label), el("dd", { class: "pre" }, drawn(value)))));

/** What stands in an element, as lines of plain text, closed details included. */
const plainText = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("button, .feedback, .paper-tools")) return "";
  let text = [...node.childNodes].map(plainText).join("");
  if (node.localName === "a") text = `${text.replace(TEXTS.newWindow, "")} (${node.href})`;
  if (node.localName === "dt" || node.localName === "th") text += ": ";
  if (node.dataset.label) text = `${node.dataset.label}: ${text}`;
  if (node.parentElement?.matches(".source") && node.nextSibling) text += " · ";
  const apart = "p, li, h3, h4, tr, td, th, div, summary, dl, ul, ol, label, .lead, .counts";
  return node.matches(apart) ? `\n${text}\n` : text;
};
