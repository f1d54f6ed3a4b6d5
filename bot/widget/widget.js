/*
 * The assistant's widget: <script src="https://HOST/widget.js" defer></script>
 * One web component in a shadow root; no framework, no build step, no request off its own origin.
 * What people or records contain only ever becomes text nodes. Options and policy: docs/embed.md.
 */
(() => {
  "use strict";

  /* Everything a person reads. */
  const TEXTS = {
    launcher: "Hỏi thủ tục",
    launcherName: "Mở trợ lý hỏi thủ tục hành chính",
    hideLauncher: "Ẩn nút trợ lý trên trang này",
    title: "Trợ lý thủ tục hành chính",
    subtitle: "Trợ lý tự động (AI) · chỉ hướng dẫn",
    help: "Liên hệ",
    options: "Tùy chọn cuộc trò chuyện",
    close: "Đóng trợ lý",
    log: "Nội dung cuộc trò chuyện",
    you: "Bạn hỏi:",
    assistant: "Trợ lý trả lời:",
    inputLabel: "Câu hỏi của bạn",
    placeholder: "Bạn cần hỏi gì?",
    send: "Gửi",
    counter: (used, most) => `${used}/${most} ký tự`,
    emptyError: "Bạn chưa nhập câu hỏi. Hãy viết điều bạn cần hỏi rồi bấm Gửi.",
    longError: (over, most) =>
      `Câu hỏi dài quá ${most} ký tự, thừa ${over}. Hãy rút gọn rồi gửi lại.`,
    waiting: "Đang tìm câu trả lời…",
    slow: "Vẫn đang tìm, mạng có thể đang chậm…",
    opening: "Đang mở cuộc trò chuyện…",
    stillWaiting: "Câu trước đang được trả lời, bạn chờ một chút nhé.",
    failures: {
      offline: "Thiết bị đang không có mạng. Câu bạn viết vẫn còn đây; có mạng lại thì bấm Thử lại.",
      unreachable: "Không kết nối được với trợ lý. Bạn kiểm tra mạng rồi bấm Thử lại.",
      slow: "Trợ lý trả lời quá chậm nên đã dừng chờ. Bạn bấm Thử lại nhé.",
      server: "Trợ lý đang gặp lỗi. Bạn bấm Thử lại sau ít phút.",
      off: "Trợ lý đang tạm ngừng phục vụ. Bạn quay lại sau hoặc liên hệ theo thông tin dưới đây.",
      busy: "Bạn gửi hơi nhanh. Hãy chờ một lát rồi bấm Thử lại.",
      gone: "Cuộc trò chuyện này không còn nữa. Bạn mở cuộc trò chuyện mới nhé.",
      rejected: "Câu này chưa gửi được. Bạn sửa lại rồi gửi nhé.",
    },
    failureTitle: "Chưa gửi được",
    openFailureTitle: "Chưa mở được cuộc trò chuyện",
    retry: "Thử lại",
    online: "Đã có mạng lại.",
    expired: "Cuộc trò chuyện trước đã hết hạn, đây là cuộc mới.",
    notice: "Trước khi bắt đầu",
    suggestions: "Câu hỏi gợi ý",
    again: (name) => `Xem lại: ${name}`,
    dossierAgain: (code) => `Tra cứu lại hồ sơ ${code}`,
    newTalk: "Cuộc trò chuyện mới",
    newTalkDone: "Đã mở cuộc trò chuyện mới.",
    download: "Tải cuộc trò chuyện về máy",
    downloadName: "tro-chuyen-thu-tuc.txt",
    downloadDone: "Đã tải cuộc trò chuyện về máy.",
    downloadEmpty: "Chưa có gì để tải về.",
    erase: "Xóa cuộc trò chuyện",
    eraseAsk: "Xóa hẳn cuộc trò chuyện này trên máy chủ và trên máy của bạn?",
    eraseYes: "Xóa hẳn",
    eraseNo: "Giữ lại",
    eraseDone: "Đã xóa cuộc trò chuyện.",
    plainPage: "Mở trang hỏi đáp đơn giản",
    helpTitle: "Cần gặp cán bộ",
    helpDefault:
      "Đến Bộ phận Một cửa (Trung tâm Phục vụ hành chính công) nơi bạn ở để được hướng dẫn trực tiếp.",
    hotline: "Tổng đài",
    office: "Bộ phận một cửa",
    hours: "Giờ làm việc",
    portal: "Cổng Dịch vụ công quốc gia",
    portalUrl: "https://dichvucong.gov.vn",
    newWindow: " (mở trang mới)",
    method: "Cách nộp",
    time: "Thời hạn",
    fees: "Phí, lệ phí",
    noFee: "Không ghi trong hồ sơ",
    original: (count) => `${count} bản chính`,
    copy: (count) => `${count} bản sao`,
    form: "Mẫu đơn",
    extra: "Ghi thêm, nguyên văn trong hồ sơ",
    papers: (count) => `${count} giấy tờ`,
    papersCase: "Giấy tờ phải nộp",
    items: (count) => `${count} mục`,
    viewRecord: "Xem thủ tục trên trang gốc",
    sourceCode: "Mã thủ tục",
    sourceDecision: "Quyết định",
    sourceOrigin: "Nguồn",
    sourceDate: "Ngày dữ liệu",
    warning: "Lưu ý",
    dossier: "Hồ sơ",
    nextSteps: "Bạn cần làm gì",
    agency: "Nơi nhận hồ sơ",
    states: { done: "đã qua", now: "hiện nay", todo: "sắp tới" },
    useful: "Câu trả lời có ích không?",
    up: "Có ích",
    down: "Chưa đúng",
    thanks: "Cảm ơn bạn đã góp ý.",
    feedbackFailed: "Chưa gửi được góp ý.",
  };

  const TAG = "ls-assistant";
  if (customElements.get(TAG)) return; // the tag stands twice: one assistant is enough

  const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const OPTIONS = SCRIPT.dataset;
  const BASE = new URL(".", SCRIPT.src).href;
  const PLAIN_PAGE = BASE + "chat";
  const KEY = `${TAG} ${BASE}`;
  const MOST = 1000; // characters of one question, as the gateway counts them
  const GIVE_UP_MS = 20000;
  const SLOW_MS = 5000;
  const OTHER_TAB_MS = 120;
  const PHONE = /^[+\d][\d .()-]{4,}$/;
  const DOSSIER_CODE = /\bH\d{2}(?:\.\d+)*-\d{6}-\d{4,}\b/i;
  const FULL_SCREEN = matchMedia("(max-width: 599px), (max-height: 479px)");

  const STYLE = `
:host {
  all: initial !important;
  position: static !important;
  display: block !important;
  color-scheme: light dark;
  --_bg: var(--ls-surface, #fff);
  --_soft: var(--ls-surface-soft, #f2f6f4);
  --_text: var(--ls-text, #16211c);
  --_muted: var(--ls-text-muted, #4a5952);
  --_line: var(--ls-line, #cfdad4);
  --_edge: var(--ls-control-edge, #6a7b73);
  --_primary: var(--ls-primary, #0b5d48);
  --_on-primary: var(--ls-on-primary, #fff);
  --_head: var(--ls-head, var(--_primary));
  --_on-head: var(--ls-on-head, var(--_on-primary));
  --_accent: var(--ls-accent, #b4234a);
  --_mine: var(--ls-mine, #dff0e9);
  --_warn: #fff3dc; --_warn-edge: #8a5300; --_mark: #fff8dc;
  --_bad: #fdeceb; --_bad-edge: #b3261e;
}
:host([data-theme="dark"]) {
  color-scheme: dark;
  --_bg: var(--ls-surface-dark, #131a17);
  --_soft: var(--ls-surface-soft-dark, #1d2622);
  --_text: var(--ls-text-dark, #e9f0ec);
  --_muted: var(--ls-text-muted-dark, #b4c2bb);
  --_line: var(--ls-line-dark, #37443e);
  --_edge: var(--ls-control-edge-dark, #8a9c93);
  --_primary: var(--ls-primary-dark, #7fd8b6);
  --_on-primary: var(--ls-on-primary-dark, #06251b);
  --_head: var(--ls-head-dark, #0c4636);
  --_on-head: var(--ls-on-head-dark, #fff);
  --_accent: var(--ls-accent-dark, #ff9db5);
  --_mine: var(--ls-mine-dark, #123d30);
  --_warn: #3a2c10; --_warn-edge: #f0b95a; --_mark: #2f2a14;
  --_bad: #401b19; --_bad-edge: #ff9a91;
}
:host([data-theme="light"]) { color-scheme: light; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.root {
  font: medium/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--_text); text-align: start; overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%;
}
.vh {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
button, textarea { font: inherit; color: inherit; margin: 0; }
button { cursor: pointer; touch-action: manipulation; }
svg { display: block; flex: none; }
:focus-visible { outline: 3px solid var(--_primary); outline-offset: 2px; border-radius: 6px; }
h2, h3, h4, p, ul, ol, dl, dd, table { margin: 0; padding: 0; }
h3, h4 { font-size: 1em; font-weight: 700; line-height: 1.35; }
a { color: var(--_primary); text-underline-offset: 2px; }

.launcher {
  position: fixed; z-index: 2147483646; display: flex; border-radius: 999px;
  background: var(--_head); color: var(--_on-head); border: 1px solid var(--_on-head);
  box-shadow: 0 4px 18px rgb(0 0 0 / .28);
}
.launcher[data-corner$="right"] { right: max(16px, env(safe-area-inset-right)); }
.launcher[data-corner$="left"] { left: max(16px, env(safe-area-inset-left)); }
.launcher[data-corner^="bottom"] { bottom: max(16px, env(safe-area-inset-bottom)); }
.launcher[data-corner^="top"] { top: 16px; }
.launcher button {
  min-height: 52px; border: 0; background: none; display: flex; align-items: center; gap: 10px;
  border-radius: 999px;
}
.launcher .open { padding: 0 8px 0 18px; font-weight: 650; }
.launcher .hide { padding: 0 14px 0 8px; min-width: 44px; justify-content: center; }
.launcher :focus-visible {
  outline-color: var(--_on-head); outline-offset: -5px; border-radius: 999px;
}

.panel {
  position: fixed; z-index: 2147483647; inset: auto 16px 16px auto; margin: 0; padding: 0;
  width: 460px; max-width: none; height: 760px; max-height: calc(100vh - 32px);
  max-height: calc(100dvh - 32px); flex-direction: column; overflow: hidden;
  background: var(--_bg); color: var(--_text); border: 1px solid var(--_edge);
  border-radius: 16px; box-shadow: 0 12px 48px rgb(0 0 0 / .3);
}
.panel[open] { display: flex; }
.panel[data-side="left"] { inset: auto auto 16px 16px; }
.panel.full {
  inset: var(--_top, 0px) 0 auto 0; width: 100%; height: 100vh; height: var(--_height, 100dvh);
  max-height: none; border: 0; border-radius: 0;
}
.panel::backdrop { background: var(--_bg); }
.head {
  display: flex; align-items: center; gap: 4px; padding: 8px 8px 8px 16px; flex: none;
  background: var(--_head); color: var(--_on-head); border-bottom: 3px solid var(--_accent);
}
.head .name { flex: 1; min-width: 0; }
.head h2 { font-size: 1.06em; font-weight: 700; line-height: 1.25; text-wrap: balance; }
.head p { font-size: .82em; line-height: 1.3; }
.head button {
  min-width: 44px; min-height: 44px; padding: 0 10px; border: 1px solid transparent;
  background: none; border-radius: 10px; display: flex; align-items: center;
  justify-content: center; flex: none;
}
.head button:hover, .head button[aria-expanded="true"] { border-color: currentColor; }
.head :focus-visible { outline-color: var(--_on-head); outline-offset: -3px; border-radius: 10px; }
.drawer {
  flex: none; max-height: 55%; overflow: auto; padding: 12px 16px; background: var(--_soft);
  border-bottom: 1px solid var(--_line);
}
.drawer p + .actions { margin-top: 10px; }
.drawer ul { list-style: none; display: grid; gap: 8px; }
.contact dl, .facts { display: grid; gap: 6px 14px; }
.contact dt, .facts dt { color: var(--_muted); font-size: .9em; }
.contact dd { font-weight: 600; }
.contact p + dl, .contact dl + ul, .contact p + ul { margin-top: 8px; }
.contact ul { list-style: none; display: grid; gap: 2px; }
.contact li a, .links a { display: inline-block; padding: 8px 0; }
.contact .actions { margin-top: 10px; }

.log { flex: 1 1 auto; min-height: 0; overflow: auto; overscroll-behavior: contain; }
.log:focus-visible { outline-offset: -4px; }
.log > ol { list-style: none; display: grid; gap: 18px; padding: 16px; grid-template-columns: 100%; }
.turn:focus { outline: 0; }
.mine {
  justify-self: end; max-width: 88%; background: var(--_mine); padding: 9px 14px;
  border: 1px solid transparent; border-radius: 16px 16px 4px 16px; white-space: pre-wrap;
}
.answer { container-type: inline-size; display: grid; gap: 14px; grid-template-columns: 100%; }
.text { display: grid; gap: 8px; }
.pre { white-space: pre-line; }
.card { border: 1px solid var(--_line); border-radius: 14px; overflow: hidden; }
.card > * { padding: 0 14px; }
.card > h3, .card > h4 {
  padding: 10px 14px; background: var(--_soft); border-bottom: 1px solid var(--_line);
  margin-bottom: 10px;
}
.card > .source { padding: 8px 14px; border-top: 1px solid var(--_line); margin-top: 12px; }
.card > table { padding: 0; margin-top: -10px; }
.card > .source:first-child { border: 0; margin: 0; }
.marked { background: var(--_mark); border: 2px solid var(--_warn-edge); }
.marked > h3, .marked > h4 { background: none; border-color: var(--_warn-edge); }
.marked > h3::before, .marked > h4::before {
  content: "▸ "; content: "▸ " / ""; color: var(--_warn-edge); font-size: 1.2em; line-height: 1;
}
.procedure { border: 2px solid var(--_primary); }
.procedure > h3 { background: none; border: 0; padding: 0 14px; margin: 2px 0 12px; font-size: 1.14em; }
.procedure > h3 + .links { margin-top: -8px; }
.procedure > .kind { padding-top: 12px; color: var(--_muted); font-size: .9em; }
.facts { grid-template-columns: 100%; gap: 8px; }
.facts > div { display: grid; grid-template-columns: minmax(6.4em, 30%) 1fr; gap: 10px; }
.facts dd { font-weight: 650; }
.procedure > .note { margin: 12px 14px 0; padding: 8px 12px; }
.links { padding-top: 6px !important; }
.source { color: var(--_muted); font-size: .82em; line-height: 1.45; }
.source span + span::before { content: " · "; }
.source a { color: inherit; }
.note {
  padding: 10px 14px; border-radius: 12px; background: var(--_soft);
  border: 1px solid var(--_line); border-left: 4px solid var(--_edge);
}
.note.warning { background: var(--_warn); border-color: var(--_warn-edge); }
.first { font-size: .9em; line-height: 1.42; padding-bottom: 2px; }
.first > strong { display: block; }

table { border-collapse: collapse; width: 100%; }
table, thead, tbody, tr, th, td { display: block; text-align: start; }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
tbody tr { padding: 12px 14px; border-bottom: 1px solid var(--_line); }
tbody tr:last-child { border-bottom: 0; }
tbody th { font-weight: 700; }
td[data-label] { display: grid; grid-template-columns: 5em 1fr; gap: 10px; margin-top: 4px; }
td[data-label]::before { content: attr(data-label); content: attr(data-label) / ""; color: var(--_muted); font-size: .9em; }
td ul { list-style: none; display: grid; gap: 4px; }
td ul + p { margin-top: 6px; }
@container (min-width: 620px) {
  table { display: table; }
  thead { display: table-header-group; position: static; clip-path: none; }
  tbody { display: table-row-group; }
  tr { display: table-row; }
  th, td, td[data-label] { display: table-cell; padding: 10px 14px; vertical-align: top; }
  thead th { font-size: .9em; color: var(--_muted); }
  tbody th { width: 22%; } tbody td:nth-child(2) { width: 26%; }
  td[data-label]::before { content: none; }
  tbody th, tbody td { border-top: 1px solid var(--_line); }
}
.papers, .plain { list-style: none; display: grid; gap: 10px; }
.papers > li {
  display: grid; gap: 2px; padding: 0 0 10px 14px; position: relative;
  border-bottom: 1px solid var(--_line);
}
.papers > li:last-child { border: 0; padding-bottom: 2px; }
.papers > li::before {
  content: ""; position: absolute; left: 0; top: .55em; width: 6px; height: 6px;
  border-radius: 50%; background: var(--_accent); forced-color-adjust: none;
}
.counts { color: var(--_muted); font-size: .92em; font-weight: 600; }
.case { margin-top: 10px; }
.case:first-of-type { margin-top: 0; }
.case:first-of-type > summary { margin-top: -8px; }
.steps { display: grid; gap: 12px; list-style: none; counter-reset: step; }
.steps > li { counter-increment: step; position: relative; padding-left: 40px; }
.steps > li::before {
  content: counter(step); position: absolute; left: 0; top: -1px; width: 28px; height: 28px;
  border: 2px solid var(--_primary); color: var(--_primary); border-radius: 50%; font-weight: 700;
  font-size: .9em; display: grid; place-items: center; line-height: 1;
}
.timeline { list-style: none; display: grid; padding: 12px 14px 0 !important; }
.timeline > li { position: relative; padding: 0 0 12px 26px; }
.timeline > li::before {
  content: ""; position: absolute; left: 3px; top: .3em; width: 12px; height: 12px; border-radius: 50%;
  border: 2px solid var(--_primary); background: var(--_bg); z-index: 1; forced-color-adjust: none;
}
.timeline > .done::before { background: var(--_primary); }
.timeline > .now { font-size: 1.06em; }
.timeline > .now::before { background: var(--_accent); width: 16px; height: 16px; left: 1px; }
.timeline > li:not(:last-child)::after {
  content: ""; position: absolute; left: 10px; top: .6em; bottom: -.4em; border-left: 2px solid var(--_line);
}
.timeline small { color: var(--_muted); font-size: .82em; white-space: nowrap; }
.procedure > div.text + .note { margin-top: 12px; }
.plain > li > span { display: block; color: var(--_muted); font-size: .92em; }
details > summary {
  cursor: pointer; min-height: 44px; padding: 10px 0; font-weight: 650; list-style-position: outside;
  margin-left: 1.2em;
}
.card > details > summary { margin-left: 1em; }
details[open] > summary { margin-bottom: 4px; }
summary small { white-space: nowrap; font-weight: 400; color: var(--_muted); font-size: .9em; }
.extra { margin-top: 10px; font-size: .94em; }
.extra > p + p { margin-top: 6px; }

.choices { display: grid; gap: 8px; list-style: none; counter-reset: choice; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; }
.choice, .chip, .action {
  min-height: 44px; padding: 8px 16px; background: var(--_bg); border: 1px solid var(--_edge);
  border-radius: 12px; text-align: start; line-height: 1.35;
}
.chip { border-radius: 22px; color: var(--_primary); border-color: var(--_primary); font-weight: 600; }
.choice { width: 100%; display: grid; grid-template-columns: 1.7em 1fr; padding: 10px 14px; }
.choice::before { counter-increment: choice; content: counter(choice) "."; font-weight: 700; color: var(--_primary); }
.choice b { font-weight: 650; }
.choice small, .chip small { font-size: .88em; color: var(--_muted); display: block; font-weight: 400; }
.choice small { grid-column: 2; }
.choice:hover, .chip:hover, .action:hover { background: var(--_mine); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
.strong, .strong:hover {
  background: var(--_primary); color: var(--_on-primary); border-color: var(--_primary);
  font-weight: 650;
}
.action[aria-pressed="true"] { background: var(--_mine); border-width: 2px; font-weight: 650; }
.feedback { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; color: var(--_muted); font-size: .9em; }
.feedback .action { min-height: 40px; padding: 4px 12px; color: var(--_text); }
.failure {
  display: grid; gap: 10px; padding: 12px 14px; background: var(--_bad);
  border: 1px solid var(--_bad-edge); border-left-width: 4px; border-radius: 12px;
}

.foot { flex: none; border-top: 1px solid var(--_line); padding: 8px 12px max(10px, env(safe-area-inset-bottom)); background: var(--_bg); }
.status { min-height: 1.5em; color: var(--_muted); font-size: .9em; }
.status:empty { min-height: 0; }
.status.busy::before {
  content: ""; display: inline-block; width: .7em; height: .7em; margin-right: .5em;
  border-radius: 50%; border: 2px solid var(--_primary); border-right-color: transparent;
}
.field { display: flex; gap: 8px; align-items: flex-end; }
textarea {
  flex: 1; min-width: 0; min-height: 48px; max-height: 144px; padding: 11px 14px; resize: none;
  background: var(--_bg); border: 1px solid var(--_edge); border-radius: 14px; line-height: 1.5;
  display: block;
}
textarea:focus-visible { outline-offset: -1px; outline-width: 2px; border-radius: 14px; }
textarea::placeholder { color: var(--_muted); opacity: 1; }
textarea[aria-invalid="true"] { border: 2px solid var(--_bad-edge); }
.field button { min-height: 48px; border-radius: 14px; padding: 8px 18px; border: 1px solid var(--_primary); }
.under { display: flex; gap: 12px; justify-content: space-between; font-size: .82em; color: var(--_muted); padding-top: 4px; }
.error { color: var(--_bad-edge); font-weight: 600; flex: 1; }
.counter { margin-left: auto; white-space: nowrap; }

.short { overflow: auto; display: block !important; scroll-padding: 8px 0 88px; }
.short .log { overflow: visible; }
.short .foot { position: sticky; bottom: 0; }
.short .under:has(.error:empty) { display: none; }
.short .drawer { max-height: none; }
@media (max-width: 380px) {
  .head { padding-left: 10px; gap: 2px; }
  .head p { display: none; }
  .log > ol { padding: 14px 12px; }
}
@media (prefers-reduced-motion: no-preference) {
  .panel[open]:not(.full) { animation: rise .18s ease-out; }
  .status.busy::before { animation: spin 1s linear infinite; }
  @keyframes rise { from { transform: translateY(12px); opacity: .4; } }
  @keyframes spin { to { transform: rotate(1turn); } }
}
@media (forced-colors: active) {
  .launcher, .panel, .mine, .strong, .head button { border: 1px solid ButtonText; }
  .launcher .open, .launcher .hide, .head button { color: ButtonText; }
  .status.busy::before, .steps > li::before { border-color: CanvasText; }
  .papers > li::before { background: CanvasText; }
  :focus-visible, .head :focus-visible, .launcher :focus-visible { outline-color: Highlight; }
  .action[aria-pressed="true"] { border: 3px solid Highlight; }
}
@media print { .launcher { display: none; } }
`;

  // ---- small tools -------------------------------------------------------------------------

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

  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const drawn = {
      viewBox: "0 0 24 24", width: 24, height: 24, fill: "none", stroke: "currentColor",
      "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round",
      "aria-hidden": "true",
    };
    for (const [key, value] of Object.entries(drawn)) svg.setAttribute(key, value);
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const ICONS = {
    talk: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
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

  const list = (name, attributes, items) => el(name, { role: "list", ...attributes }, items);

  const pairs = (name, lines, drawn = withLinks) =>
    el("dl", { class: name }, lines.map(([label, value]) =>
      el("div", {}, el("dt", {}, label), el("dd", { class: "pre" }, drawn(value)))));

  /** What stands in an element, as lines of plain text, closed details included. */
  const plainText = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("button, .feedback")) return "";
    let text = [...node.childNodes].map(plainText).join("");
    if (node.localName === "a") text = `${text.replace(TEXTS.newWindow, "")} (${node.href})`;
    if (node.localName === "dt" || node.localName === "th") text += ": ";
    if (node.dataset.label) text = `${node.dataset.label}: ${text}`;
    if (node.parentElement?.matches(".source") && node.nextSibling) text += " · ";
    const apart = "p, li, h3, h4, tr, td, th, div, summary, dl, ul, ol, .lead";
    return node.matches(apart) ? `\n${text}\n` : text;
  };

  // ---- answer blocks -----------------------------------------------------------------------

  const sourceLine = (source) => {
    if (!source) return null;
    const part = (label, value) => el("span", {}, `${label}: `, value);
    return el("p", { class: "source" },
      source.code && part(TEXTS.sourceCode, source.code),
      source.decision && (source.decision.startsWith(TEXTS.sourceDecision)
        ? el("span", {}, source.decision) : part(TEXTS.sourceDecision, source.decision)),
      source.origin && part(TEXTS.sourceOrigin, link(source.url, source.origin)),
      source.date && part(TEXTS.sourceDate, day(source.date)));
  };

  const extras = (lines) =>
    lines?.length ? el("div", { class: "extra" }, el("h4", {}, TEXTS.extra), lines.map(paragraphs)) : null;

  /** A part of an answer with title and source; a folded one is opened by its title. */
  const card = (block, heading, content, count = "") =>
    block.folded
      ? el("section", { class: "card" }, el("details", {},
        el("summary", {}, block.title, count && [" ", el("small", {}, `(${count})`)]),
        content, extras(block.extra)), sourceLine(block.source))
      : el("section", { class: block.marked ? "card marked" : "card" },
        block.title && el(heading, {}, block.title), content, extras(block.extra),
        sourceLine(block.source));

  const paper = (row) => {
    const counts = [
      row.originals > 0 && TEXTS.original(row.originals),
      row.copies > 0 && TEXTS.copy(row.copies),
      row.quantity,
    ].filter(Boolean).join(" · ");
    const form = row.form_name || (httpUrl(row.form_url) ? TEXTS.form : "");
    return el("li", {}, el("div", { class: "pre" }, withLinks(row.name)),
      counts && el("div", { class: "counts" }, counts),
      form && el("div", {}, row.form_name && form !== TEXTS.form ? `${TEXTS.form}: ` : "",
        link(row.form_url, form)));
  };

  const papersOf = (group) => list("ul", { class: "papers" }, group.rows.map(paper));

  /** The papers by case; of several, the first that the person did not leave out is open. */
  const papersByCase = ({ cases, marked }) => {
    const first = cases.find((group) => !group.folded);
    return cases.map((group) => {
      if (marked || (cases.length === 1 && !group.folded)) {
        return [group.name && el("p", { class: "case pre" }, el("b", {}, group.name)), papersOf(group)];
      }
      return el("details", { class: "case", open: group === first },
        el("summary", {}, group.name || TEXTS.papersCase, " ",
          el("small", {}, `(${TEXTS.papers(group.rows.length)})`)), papersOf(group));
    });
  };

  const cell = (label, ...content) => el("td", { role: "cell", "data-label": label }, el("div", {}, content));

  const feeRow = (row) =>
    el("tr", { role: "row" }, el("th", { role: "rowheader", scope: "row" }, row.method),
      cell(TEXTS.time, el("p", { class: "pre" }, row.time)),
      cell(TEXTS.fees,
        row.fees.length ? list("ul", {}, row.fees.map((fee) => el("li", { class: "pre" }, withLinks(fee)))) : TEXTS.noFee,
        row.note && el("p", { class: "source pre" }, withLinks(row.note))));

  const feeTable = (block) => {
    const heads = [TEXTS.method, TEXTS.time, TEXTS.fees];
    return el("table", { role: "table", "aria-label": block.title },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
        heads.map((head) => el("th", { role: "columnheader", scope: "col" }, head)))),
      el("tbody", { role: "rowgroup" }, block.rows.map(feeRow)));
  };

  const figuresTable = (block) => {
    const row = ({ name, values }) => el("tr", { role: "row" },
      el("th", { role: "rowheader", scope: "row" }, name),
      values.map((value, at) => cell(block.columns[at], value)));
    return el("table", { role: "table", "aria-label": block.title },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, [block.unit, ...block.columns].map((head) =>
        el("th", { role: "columnheader", scope: "col" }, head)))),
      el("tbody", { role: "rowgroup" }, block.rows.map(row)));
  };

  /** How each block type is drawn: (block, heading element, widget) -> element. */
  const DRAW = {
    text: (block, heading) =>
      block.title || block.source
        ? card(block, heading, el("div", { class: "text" }, paragraphs(block.text)))
        : el("div", { class: "text" }, paragraphs(block.text)),
    procedure: (block) =>
      el("section", { class: "card procedure" },
        el("p", { class: "kind" }, [block.level, block.field].filter(Boolean).join(" · ")),
        el("h3", {}, block.name),
        block.facts?.length > 0 && pairs("facts", block.facts),
        block.warning && el("p", { class: "note warning pre" }, el("b", {}, `${TEXTS.warning}: `), block.warning),
        httpUrl(block.url) && el("p", { class: "links" }, link(block.url, TEXTS.viewRecord)),
        sourceLine(block.source)),
    fee_table: (block, heading) => card(block, heading, feeTable(block)),
    components: (block, heading) =>
      card(block, heading, el("div", {}, papersByCase(block)),
        TEXTS.papers(block.cases.reduce((sum, group) => sum + group.rows.length, 0))),
    steps: (block, heading) =>
      card(block, heading, el("div", {}, list("ol", { class: "steps" }, block.steps.map((step) =>
        el("li", {}, step.name && el("b", { class: "lead" }, step.name), paragraphs(step.text)))))),
    list: (block, heading) => {
      const items = list("ul", { class: "plain" }, block.items.map(([text, detail]) =>
        el("li", { class: "pre" }, withLinks(text), detail && el("span", {}, withLinks(detail)))));
      return card(block, heading, el("div", {}, items), TEXTS.items(block.items.length));
    },
    dossier: (block) =>
      el("section", { class: "card procedure" },
        el("p", { class: "kind" }, `${TEXTS.dossier} ${block.code}`),
        el("h3", {}, block.status),
        el("div", { class: "text" }, paragraphs(block.meaning)),
        block.due && el("p", { class: `note ${block.late ? "warning" : ""}` }, block.due),
        block.next_steps.length > 0 && el("div", { class: "extra" }, el("h4", {}, TEXTS.nextSteps),
          list("ul", { class: "papers" }, block.next_steps.map((step) => el("li", {}, withLinks(step))))),
        list("ol", { class: "timeline" }, block.timeline.map((row) =>
          el("li", { class: row.state }, el("b", {}, row.label), row.when && ` ${row.when}`,
            el("small", {}, ` (${TEXTS.states[row.state]})`)))),
        el("p", { class: "source" },
          [block.procedure, block.agency && `${TEXTS.agency}: ${block.agency}`, block.as_of]
            .filter(Boolean).map((part) => el("span", {}, part)))),
    rule_article: (block) =>
      el("section", { class: "card procedure" },
        el("p", { class: "kind" }, block.document),
        el("h3", {}, block.address),
        block.lead && el("div", { class: "text" }, paragraphs(block.lead)),
        el("div", { class: "text" }, paragraphs(block.text)),
        block.notes.map((note) => el("p", { class: "note" }, note)),
        el("p", { class: "source" },
          [block.number, block.force, block.url].filter(Boolean).map((part) => el("span", {}, withLinks(part))))),
    figures: (block) =>
      el("section", { class: "card" },
        el("h3", {}, block.title),
        figuresTable(block),
        el("p", { class: "source" }, block.as_of)),
    choices: (block, heading, widget) =>
      el("div", { class: "text" }, paragraphs(block.text), list("ol", { class: "choices" },
        block.options.map((option) => el("li", {}, widget.optionButton(option, "choice"))))),
    contact: (block) =>
      el("section", { class: "note contact" }, paragraphs(block.text),
        block.lines?.length > 0 && pairs("", block.lines)),
    notice: (block) =>
      el("div", { class: `note ${block.level === "warning" ? "warning" : ""}` },
        block.level === "warning" && el("b", {}, TEXTS.warning), paragraphs(block.text)),
  };

  const drawBlocks = (blocks, widget) => {
    let heading = "h3";
    return blocks.map((block) => {
      const draw = Object.hasOwn(DRAW, block.type) ? DRAW[block.type] : DRAW.text;
      const drawn = draw(block.text === undefined && draw === DRAW.text ? { ...block, text: "" } : block, heading, widget);
      if (block.type === "procedure") heading = "h4";
      return drawn;
    });
  };

  // ---- what the tab remembers --------------------------------------------------------------

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

  // ---- the gateway -------------------------------------------------------------------------

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

  // ---- the component -----------------------------------------------------------------------

  class Assistant extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.lang = "vi";
      this.turns = new Set(); // ids of the turns on screen
      this.tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
      this.dress();
      this.build();
      this.listen();
      const state = memory.load();
      this.input.value = state.draft || "";
      this.measure();
      this.launcher.hidden = Boolean(state.hidden);
      if (state.open) this.open({ focus: false });
    }

    // -- drawing the frame --

    dress() {
      const root = this.attachShadow({ mode: "open" });
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
      } catch {
        root.append(el("style", {}, STYLE)); // browsers before constructable sheets
      }
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
      }, icon(ICONS.talk), el("span", {}, TEXTS.launcher));
      this.launcher = el("div", { class: "launcher", "data-corner": `bottom-${this.side}` },
        this.launchButton,
        el("button", { type: "button", class: "hide", "aria-label": TEXTS.hideLauncher, onclick: () => this.hideLauncher() },
          icon(ICONS.cross)));
      this.messages = list("ol", {}, []);
      this.log = el("div", {
        class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions",
        "aria-label": TEXTS.log, tabindex: "0",
      }, this.messages);
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
      return el("div", { class: "head" },
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
        this.submit();
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
        this.submit();
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
      window.addEventListener("online", () => this.failed && this.say(TEXTS.online));
      const away = () => this.stepAside();
      document.addEventListener("focusin", away);
      window.addEventListener("resize", away);
      window.addEventListener("scroll", away, { passive: true, capture: true });
      document.addEventListener("click", (event) => {
        const asked = event.target instanceof Element && event.target.closest("[data-ls-ask]");
        if (!asked) return;
        event.preventDefault();
        this.open();
        if (asked.dataset.lsAsk) this.send({ text: asked.dataset.lsAsk });
      });
      this.listenToOtherTabs();
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
        this.ready().catch((failure) => this.showFailure(failure, () => this.reopen(), TEXTS.openFailureTitle));
      }
      if (focus) this.input.focus({ preventScroll: true });
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
        action(TEXTS.newTalk, () => this.newTalk(TEXTS.newTalkDone)),
        action(TEXTS.download, () => this.download()),
        action(TEXTS.erase, () => this.askErase()),
      ])];
    }

    askErase() {
      const keep = el("button", { type: "button", class: "action", onclick: () => this.escape() }, TEXTS.eraseNo);
      const erase = el("button", { type: "button", class: "action", onclick: () => this.erase() }, TEXTS.eraseYes);
      this.optionsDrawer.replaceChildren(el("div", { role: "group", "aria-labelledby": "ask" },
        el("p", { id: "ask" }, TEXTS.eraseAsk), el("div", { class: "actions" }, keep, erase)));
      keep.focus();
    }

    async erase() {
      const talk = memory.state.talk;
      this.toggle(null);
      this.input.focus({ preventScroll: true });
      try {
        if (talk) await api("DELETE", `conversations/${talk.id}`, talk.token);
      } catch (failure) {
        if (failure.kind !== "gone") return this.showFailure(failure, () => this.erase(), TEXTS.erase);
      }
      this.setInput("");
      this.forget();
      this.newTalk(TEXTS.eraseDone);
    }

    /** Nothing of an erased talk stays here; the next question begins another. */
    forget() {
      this.messages.replaceChildren();
      memory.save({ talk: null, procedure: null, dossier: null });
    }

    newTalk(said) {
      this.toggle(null);
      memory.save({ talk: null });
      this.reopen(said);
      this.input.focus({ preventScroll: true });
    }

    /** Clears the screen and starts (or takes up) the talk again. */
    reopen(said = "") {
      this.messages.replaceChildren();
      this.turns.clear();
      this.failed = null;
      this.begun = this.holds = false;
      this.ready().then(() => said && this.say(said),
        (failure) => this.showFailure(failure, () => this.reopen(), TEXTS.openFailureTitle));
    }

    download() {
      this.escape();
      const text = [...this.messages.children].map(plainText).join("\n\n")
        .replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
      if (!text) return this.say(TEXTS.downloadEmpty);
      const url = URL.createObjectURL(new Blob([`\ufeff${text}\n`], { type: "text/plain;charset=utf-8" }));
      el("a", { href: url, download: TEXTS.downloadName }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      this.say(TEXTS.downloadDone);
    }

    // -- the talk --

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
      this.say(TEXTS.opening, true);
      try {
        if (memory.state.talk && (await this.takenElsewhere())) memory.save({ talk: null, draft: "" });
        if (!memory.state.talk || !(await this.restore())) {
          await this.startTalk();
          this.quietly(() => this.greet());
        }
        this.holds = true;
      } finally {
        this.say("");
      }
    }

    async startTalk() {
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
      const { id, token } = memory.state.talk;
      try {
        const { turns } = await api("GET", `conversations/${id}/messages`, token);
        this.quietly(() => {
          this.greet(turns.length === 0);
          for (const turn of turns) this.addTurn(turn);
          if (turns.length) this.dropOldSuggestions();
        });
        this.scroller.scrollTop = this.scroller.scrollHeight;
        return true;
      } catch (failure) {
        if (failure.kind === "gone") {
          memory.save({ talk: null });
          this.messages.append(this.remark(TEXTS.expired));
          return false;
        }
        this.showFailure(failure, () => this.reopen(), TEXTS.openFailureTitle);
        return true; // history is out of reach, asking may still work
      }
    }

    /** Draws what was said before (or the greeting) without announcing it as news. */
    quietly(draw) {
      this.log.setAttribute("aria-live", "off");
      draw();
      setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
    }

    greet(offer = true) {
      const { notice, suggestions } = memory.state.talk;
      const { procedure, dossier } = memory.state;
      if (notice?.text) {
        this.messages.append(el("li", { class: "turn note first" }, el("strong", {}, TEXTS.notice),
          paragraphs(notice.text), notice.lines?.length > 0 && el("details", { class: "contact" },
            el("summary", {}, TEXTS.helpTitle), pairs("", notice.lines))));
      }
      if (!offer) return;
      const again = [
        procedure && { label: TEXTS.again(procedure), text: procedure },
        dossier && { label: TEXTS.dossierAgain(dossier), text: dossier },
      ].filter(Boolean);
      const chips = this.suggestionChips([...again, ...suggestions]);
      if (chips) this.messages.append(el("li", { class: "turn text offer" }, el("p", {}, TEXTS.suggestions), chips));
    }

    remark(text) {
      return el("li", { class: "turn note" }, text);
    }

    measure() {
      const used = [...this.input.value.normalize("NFC")].length;
      this.counter.textContent = TEXTS.counter(used, MOST);
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 144)}px`;
      return used;
    }

    complain(text) {
      this.error.textContent = text;
      if (text) this.input.setAttribute("aria-invalid", "true");
      else this.input.removeAttribute("aria-invalid");
    }

    /** Sends what stands in the field; `failed` is the text that did not arrive before. */
    submit(failed) {
      const used = this.measure();
      const text = this.input.value.trim();
      if (this.busy) return this.say(TEXTS.stillWaiting, true);
      if (!text) return this.complain(TEXTS.emptyError);
      if (used > MOST) return this.complain(TEXTS.longError(used - MOST, MOST));
      this.complain("");
      this.send({ text, typed: true, retried: text === failed });
    }

    /** One question: {text} or {choice, label}; what was typed comes back if it does not arrive. */
    async send(message) {
      if (this.busy) return this.say(TEXTS.stillWaiting, true);
      this.busy = true;
      this.failed?.remove();
      this.failed = null;
      if (message.typed) this.setInput("");
      try {
        await this.ready();
        const shown = this.mine(message.label || message.text);
        this.messages.append(shown);
        if (this.shadowRoot.activeElement !== this.input) shown.focus({ preventScroll: true });
        this.scrollTo(shown);
        await this.ask(message, shown);
      } catch (failure) {
        this.giveBack(message, failure);
      } finally {
        this.busy = false;
      }
    }

    async ask(message, shown) {
      const slow = setTimeout(() => this.say(TEXTS.slow, true), SLOW_MS);
      this.say(TEXTS.waiting, true);
      try {
        const answer = await this.deliver(message, shown);
        if (!answer) return;
        this.dropOldSuggestions();
        this.remember(message, answer);
        if (answer.outcome === "erased") this.forget();
        this.messages.append(this.answer(answer));
        this.scrollTo(shown);
      } catch (failure) {
        if (this.shadowRoot.activeElement === shown) this.input.focus({ preventScroll: true });
        shown.remove();
        throw failure;
      } finally {
        clearTimeout(slow);
        this.say("");
      }
    }

    /** The answer; null when the gateway had answered before and only the reply was lost. */
    async deliver(message, shown) {
      if (this.unsure && memory.state.talk) {
        const lost = await this.lostTurns();
        this.unsure = null;
        if (lost.length) {
          shown.remove();
          for (const turn of lost) this.addTurn(turn);
          if (message.retried) return null;
          this.messages.append(shown);
        }
      }
      try {
        return await this.post(message);
      } catch (failure) {
        if (failure.kind !== "gone") {
          this.unsure = failure.sent;
          throw failure;
        }
        await this.startTalk();
        shown.before(this.remark(TEXTS.expired));
        return this.post({ text: message.text || message.label });
      }
    }

    async post(message) {
      if (!memory.state.talk) await this.startTalk();
      const { id, token } = memory.state.talk;
      const body = message.choice ? { choice: message.choice } : { text: message.text };
      return api("POST", `conversations/${id}/messages`, token, body);
    }

    async lostTurns() {
      const { id, token } = memory.state.talk;
      const { turns } = await api("GET", `conversations/${id}/messages`, token);
      return turns.filter((turn) => !this.turns.has(turn.turn_id));
    }

    giveBack(message, failure) {
      if (message.typed && !this.input.value) this.setInput(message.text);
      if (failure.kind === "rejected" && message.typed) {
        return this.complain(failure.detail || TEXTS.failures.rejected);
      }
      this.showFailure(failure, () => {
        if (message.typed) this.submit(message.text);
        else this.send({ ...message, retried: true });
      }, TEXTS.failureTitle);
    }

    setInput(text) {
      this.input.value = text;
      memory.save({ draft: text });
      this.measure();
    }

    showFailure(failure, retry, title) {
      this.failed?.remove();
      const known = failure instanceof Failure;
      if (!known) setTimeout(() => { throw failure; }); // a fault of ours: the console keeps it
      const button = el("button", { type: "button", class: "action strong", onclick: () => {
        this.failed?.remove();
        this.failed = null;
        this.input.focus({ preventScroll: true });
        retry();
      } }, TEXTS.retry);
      const text = (known && failure.detail) || TEXTS.failures[known ? failure.kind : "server"];
      this.failed = el("li", { class: "turn failure" }, el("h3", {}, title), el("p", {}, text),
        el("div", { class: "actions" }, button), this.contact());
      this.messages.append(this.failed);
      this.scrollTo(this.failed);
    }

    /** The procedure and the dossier code of this tab, to be offered again in the next talk. */
    remember(message, answer) {
      const found = answer.blocks.find((block) => block.type === "procedure");
      const code = DOSSIER_CODE.exec(message.text || "");
      if (found) memory.save({ procedure: found.name });
      if (code) memory.save({ dossier: code[0].toUpperCase() });
    }

    // -- messages --

    mine(text) {
      return el("li", { class: "turn mine", tabindex: "-1" }, el("span", { class: "vh" }, `${TEXTS.you} `), text);
    }

    addTurn(turn) {
      if (turn.text) this.messages.append(this.mine(turn.text));
      this.messages.append(this.answer(turn));
    }

    answer(turn) {
      this.turns.add(turn.turn_id);
      const sourced = turn.blocks.some((block) => block.source);
      return el("li", { class: "turn answer" }, el("span", { class: "vh" }, `${TEXTS.assistant} `),
        drawBlocks(turn.blocks, this), sourced && this.feedback(turn.turn_id),
        this.suggestionChips(turn.suggestions || []));
    }

    suggestionChips(options) {
      if (!options.length) return null;
      return list("ul", { class: "chips", "aria-label": TEXTS.suggestions },
        options.map((option) => el("li", {}, this.optionButton(option, "chip"))));
    }

    dropOldSuggestions() {
      const all = [...this.messages.querySelectorAll(".chips")];
      const last = this.messages.lastElementChild;
      for (const chips of all) {
        if (!last.matches(".answer") || !last.contains(chips)) (chips.closest(".offer") || chips).remove();
      }
    }

    optionButton(option, kind) {
      const send = option.id ? { choice: option.id, label: option.label } : { text: option.text || option.label };
      return el("button", { type: "button", class: kind, onclick: () => this.send({ ...send, label: option.label }) },
        el(kind === "choice" ? "b" : "span", {}, option.label), option.detail && el("small", {}, option.detail));
    }

    feedback(turn) {
      const group = el("div", { class: "feedback", role: "group", "aria-label": TEXTS.useful },
        el("span", { "aria-hidden": "true" }, TEXTS.useful));
      const vote = (value, label) => el("button", {
        type: "button", class: "action", "aria-pressed": "false", onclick: async (event) => {
          const pressed = event.currentTarget;
          try {
            await api("POST", `turns/${turn}/feedback`, memory.state.talk.token, { value });
            for (const one of group.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === pressed));
            this.say(TEXTS.thanks);
          } catch {
            this.say(TEXTS.feedbackFailed);
          }
        },
      }, label);
      group.append(vote("up", TEXTS.up), vote("down", TEXTS.down));
      return group;
    }

    say(text, busy = false) {
      this.status.classList.toggle("busy", busy);
      if (this.status.textContent !== text) this.status.textContent = text;
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

    // -- two tabs --

    /** A duplicated tab copies what the first remembers: the one that holds the talk keeps it. */
    listenToOtherTabs() {
      if (!("BroadcastChannel" in window)) return;
      this.tabs = new BroadcastChannel(KEY);
      this.tabs.onmessage = ({ data }) => {
        const mine = this.holds && data.ask && data.ask === memory.state.talk?.id;
        if (mine) this.tabs.postMessage({ to: data.from });
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

  customElements.define(TAG, Assistant);
  const mount = () => document.documentElement.append(document.createElement(TAG));
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
