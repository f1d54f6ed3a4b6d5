"""How well personal details are hidden: ``python -m benchmarks.redaction``, about a second.

Makes texts from a seed: every kind of personal detail as people write it (grouped, spaced, with
words before it, with and without diacritics) inside sentences that are asked here, and as many
texts that hold none: codes of procedures and dossiers, numbers and dates of documents, money,
areas, durations, emergency numbers. Nothing in it belongs to anybody.

Recall: share of personal texts of which no piece of the detail can be read afterwards. False
positives: share of the other texts that are changed at all. A code that is lost beside a detail
counts as well.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.redaction import redact
from knowledge.text.folding import fold

SEED = 20260724
PER_KIND = 160
CLEAN = 1200
RECALL = 0.99
FALSE_POSITIVES = 0.02

Make = Callable[[random.Random], str]


@dataclass(frozen=True)
class Personal:
    """``detail`` stands at ``{}`` in the sentence ``around``, which holds ``code`` where it is
    not ''."""

    kind: str
    around: str
    detail: str
    code: str = ""

    @property
    def text(self) -> str:
        return self.around.replace("{}", self.detail)


@dataclass
class Measured:
    """What :func:`measure` counted; ``missed`` and ``changed`` hold the texts themselves."""

    personal: dict[str, int]
    clean: int
    missed: list[tuple[Personal, str]]
    lost: list[tuple[Personal, str]]
    changed: list[tuple[str, str]]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / sum(self.personal.values())

    @property
    def false_positives(self) -> float:
        return len(self.changed) / self.clean


def _digits(rng: random.Random, count: int, first: str = "0123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def _grouped(rng: random.Random, digits: str, *shapes: tuple[int, ...]) -> str:
    """The digits in one of several groupings, or without any."""
    shape = rng.choice([(len(digits),), *shapes])
    parts, at = [], 0
    for size in shape:
        parts.append(digits[at : at + size])
        at += size
    written = rng.choice([" ", ".", "-", " "]).join(part for part in [*parts, digits[at:]] if part)
    odd = rng.random()
    if odd < 0.05:
        return " ".join(digits)
    if odd < 0.1:
        return written.translate({48 + n: 0xFF10 + n for n in range(10)})
    return written.replace("0", "O", 1) if odd < 0.13 and digits.count("0") > 1 else written


def _citizen_card(rng: random.Random) -> str:
    sex_and_century = rng.choice("0123")
    number = f"0{rng.randrange(1, 97):02}{sex_and_century}{_digits(rng, 8)}"
    written = _grouped(rng, number, (3, 3, 3, 3), (4, 4, 4), (3, 1, 2, 6))
    return rng.choice(["", "CCCD ", "cccd: ", "căn cước số ", "số định danh "]) + written


def _old_card(rng: random.Random) -> str:
    written = _grouped(rng, _digits(rng, 9, "0123"), (3, 3, 3), (2, 3, 4))
    return rng.choice(["", "CMND ", "cmnd số ", "cmt: ", "chứng minh thư "]) + written


def _phone(rng: random.Random) -> str:
    mobile = rng.choice("35789") + _digits(rng, 8)
    number = rng.choice(["0" + mobile, "+84" + mobile, "84" + mobile, "0205" + _digits(rng, 7)])
    written = _grouped(rng, number, (4, 3, 4), (3, 4, 4), (4, 3, 3, 2), (2, 2, 2, 2, 3))
    return rng.choice(["", "sđt ", "SĐT: ", "dt ", "số điện thoại ", "zalo ", "gọi "]) + written


def _landline(rng: random.Random) -> str:
    number = _digits(rng, 7, "3") if rng.random() < 0.7 else _digits(rng, 6, "8")
    return rng.choice(["điện thoại ", "đt: ", "gọi số ", "tel "]) + _grouped(rng, number, (3, 4))


def _email(rng: random.Random) -> str:
    name = rng.choice(["nong.vi.du", "hoang_thu", "lyvidu.99", "ban-ve+tin", "trieu.a1"])
    host = rng.choice(["gmail.com", "yahoo.com.vn", "langson.example.vn", "gmail", "icloud"])
    at = rng.choice(["@", "@", "@", " @ ", "(at)", "[at]", " a còng "])
    return rng.choice(["", "email ", "mail: ", "thư điện tử "]) + name + at + host


def _card(rng: random.Random) -> str:
    number = rng.choice(["4", "5", "9704"]) + _digits(rng, 15)
    written = _grouped(rng, number[:16], (4, 4, 4, 4))
    return rng.choice(["", "thẻ ", "số thẻ ", "thẻ ATM "]) + written


def _account(rng: random.Random) -> str:
    number = _digits(rng, rng.choice([8, 9, 10, 12, 13, 14]), "123456789")
    return rng.choice(["stk ", "STK: ", "số tài khoản ", "tài khoản ngân hàng số "]) + number


def _birth(rng: random.Random) -> str:
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1935, 2026)
    mark = rng.choice("/-.")
    return rng.choice([
        f"sinh ngày {day:02}{mark}{month:02}{mark}{year}", f"{day}{mark}{month}{mark}{year}",
        f"sinh năm {year}", f"sn {year}", f"sinh {day}/{month}/{year % 100:02}",
        f"ngày sinh {day} tháng {month} năm {year}", f"sinh ngày {day:02}{month:02}{year}",
        f"NS: {day}{mark}{month}{mark}{year}", f"sinh {month}/{year}",
        f"ngày tháng năm sinh: {day}{mark}{month}{mark}{year}", f"năm sinh {year}",
        f"sinh ngày mùng {day % 10 + 1} tháng {month} năm {year}", f"sn{year}", f"đẻ năm {year}",
        f"sinh năm {year % 100:02}", f"{day:02}{mark}{month:02}{mark}{year}", f"SN {year % 100:02}",
    ])  # fmt: skip


def _passport(rng: random.Random) -> str:
    number = rng.choice(["B", "C", "P", "E", "N", "EA", "K"])
    digits = _digits(rng, 8 if number in "PE" else 7)
    mark = rng.choice(["", "", " ", "-"])
    return rng.choice(["", "hộ chiếu ", "hộ chiếu số ", "passport: "]) + number + mark + digits


def _plate(rng: random.Random) -> str:
    place = rng.choice(["11", "12", "20", "29", "30", "98", "99"])
    series = rng.choice(["A", "C", "H", "K", "LD", "B1", "P1", "V1", "AA", "MĐ1"])
    digits = _digits(rng, 5)
    number = rng.choice([digits, f"{digits[:3]}.{digits[3:]}"])
    head = rng.choice([f"{place}{series}", f"{place}-{series}", f"{place} {series}"])
    plate = head + rng.choice(["-", " ", "", " - "]) + number
    if rng.random() < 0.15:
        plate = f"biển {place}{series}-{_digits(rng, 4)}"
    return rng.choice(["", "biển số ", "xe ", "BKS: ", "biển kiểm soát "]) + plate


KINDS: dict[str, Make] = {
    "CCCD": _citizen_card, "CMND": _old_card, "phone": _phone, "landline": _landline,
    "e-mail": _email, "card": _card, "account": _account, "birth": _birth,
    "passport": _passport, "plate": _plate,
}  # fmt: skip

FRAMES = [
    "{}", "{} ạ", "số của tôi: {}", "tôi là Nông Văn Ví Dụ, {}, muốn làm khai sinh",
    "em ở Đồng Đăng, {}, hỏi thủ tục {code}", "({})", "hồ sơ {code} của người có {} tới đâu rồi",
    "mất giấy rồi, {}. Làm lại ở đâu?", "{}\nlàm sao ạ?", "con thứ 2, {}, 3 tuổi",
    "nhờ tra giúp {code}, {}", "vợ em {} chồng em không có", "thông tin đây: {}; cảm ơn",
    "bố tôi {} đi làm từ năm 2020", "cho hỏi {} có đúng không, lệ phí 50.000 đồng",
]  # fmt: skip


def _code(rng: random.Random) -> str:
    day = f"{rng.randrange(24, 27)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    unit, serial = rng.randrange(1, 80), rng.randrange(1, 9999)
    return rng.choice([
        f"H37.{unit:02}-{day}-{serial:04}", f"h37.{unit:02}-{day}-{serial:04}",
        f"000.00.{unit:02}.H37-{day}-{serial:04}",
        f"H37.{unit:02}.{unit % 30:02}-{day}-{serial:04}",
        f"G09.{unit:02}-20{day}-{rng.randrange(1, 10**7):07}", f"H37.{unit:02}-20{day}-{serial:05}",
        f"H37.{unit:02} – {day} – {serial:04}", f"{serial + 10000}/2026/{unit:05}",
        f"{rng.randrange(1, 4)}.{rng.randrange(10**6):06}",
        f"{rng.randrange(1, 4)}.{rng.randrange(10**6):06}.000.00.00.H37",
    ])  # fmt: skip


def _clean(rng: random.Random) -> str:
    code, year, small = _code(rng), rng.randrange(2008, 2027), rng.randrange(1, 40)
    money = f"{rng.randrange(1, 900)}.{rng.choice(['000', '500'])}"
    month = rng.randrange(1, 13)
    body = rng.choice(["CP", "TTg"])
    act = f"{rng.randrange(1, 200)}/{year}/NĐ-{body}"
    circular = f"Thông tư {rng.randrange(1, 99):02}/{year}/TT-{rng.choice(['BTP', 'BCA', 'BTC'])}"
    return rng.choice([
        f"hồ sơ {code} tới đâu rồi", f"thủ tục {code} cần giấy tờ gì", f"{code}",
        f"tra giúp mã {code} với {_code(rng)}", f"Nghị định {act}, điều {small} khoản 2",
        f"theo nghị định {act} ngày {small % 28 + 1:02}/{month:02}/{year} thì sao",
        f"{circular} còn hiệu lực không", f"Luật {small}/{year}/QH15 quy định gì",
        f"quy định có hiệu lực từ ngày 01/{month}/{year} phải không",
        f"phiếu hẹn trả kết quả ngày {small % 28 + 1}/{month}/{year} mà chưa có",
        f"lệ phí {money} đồng hay miễn", f"phạt {money}.000đ có đúng không",
        f"vay {small % 9 + 1}00.000.000 đồng",
        f"thửa đất {small}00,5 m2 chia cho {small % 5 + 2} con",
        f"đất {small}.500 m2, tờ bản đồ {small}, thửa {small + 100}", f"mẫu số {small:02}/{year}",
        f"nộp {small} bản chính và 2 bản sao", f"{small} ngày làm việc là mấy hôm",
        f"gọi {rng.choice(['111', '113', '114', '115', '1022', '19001800'])} được không",
        f"từ năm {year} đến năm {year + 3}", f"xây nhà năm {year}, cao {small}m rộng {small + 3}m",
        f"con {small % 18} tuổi, sinh được {small % 12 + 1} tháng", f"sinh {small % 4 + 1} con",
        f"cháu học lớp {small % 12 + 1}A năm {year}", f"lớp 12A {year} thi thế nào",
        f"QĐ {rng.randrange(100, 3000)}/QĐ-UBND công bố thủ tục gì",
        f"nhà số {small}, tổ {small % 9}",
        f"xe tải {small} tấn, {small % 40 + 4} chỗ, sản xuất {year}", f"quốc lộ 1A km {small}+500",
        "giờ làm việc 7h30-11h30, 13h30-17h", f"tháng {month}/{year} có lịch nghỉ không",
        "làm khai sinh cho con cần giấy tờ gì", f"lương tối thiểu {money}.000 đồng/tháng",
        f"cccd hết hạn năm {year} đổi ở đâu", f"hộ chiếu {small % 10 + 1} năm hay 5 năm",
        "biển số xe máy cũ 4 số có phải đổi", f"QCVN {small}:{year}/BTNMT", f"mức độ {small % 4}",
        f"điểm a khoản {small % 9 + 1} điều {small} luật đất đai {year}",
        f"F{small % 9} covid {year}", f"mẫu 01A-2345 năm {year}", f"khu 12A ô {small}",
        f"tạm trú từ ngày 3/{month}/{year} đến ngày 3/{month}/{year + 1}", f"mẫu CT0{small % 9}",
        "từ ngày 01/7/2025 xã tôi sáp nhập", f"mã ngành 47{small:02}0", f"bằng hạng B{small % 3}",
        f"người sinh trước năm {year} thì sao", f"kết hôn năm {year}", f"giấy phép {small}/GP-UBND",
        f"phòng A{small} tầng {small % 9}, tòa 17C {small % 20}", f"trạm BOT số {small} quốc lộ 1",

    ])  # fmt: skip


def _typed(rng: random.Random) -> Callable[[str], str]:
    """How one text is typed: as it is or, one time in three, without diacritics and capitals."""
    return fold if rng.random() < 1 / 3 else str


def personal_texts(seed: int = SEED) -> list[Personal]:
    """PER_KIND texts of every kind."""
    rng = random.Random(seed)
    return [_personal(rng, kind) for kind in KINDS for _ in range(PER_KIND)]


def _personal(rng: random.Random, kind: str) -> Personal:
    typed = _typed(rng)
    code, detail = typed(_code(rng)), typed(KINDS[kind](rng))
    frame = rng.choice(FRAMES)
    around = typed(frame.replace("{code}", "CODE")).replace(typed("CODE"), code)
    return Personal(kind, around, detail, code if "{code}" in frame else "")


def clean_texts(seed: int = SEED) -> list[str]:
    """CLEAN texts without a personal detail."""
    rng = random.Random(seed + 1)
    return [_typed(rng)(_clean(rng)) for _ in range(CLEAN)]


def readable(made: Personal, redacted: str) -> bool:
    """Whether a digit of the detail, or an address, is left: every number must be one of the
    sentence's own."""
    if made.kind == "e-mail":
        return re.search(r"@|[(\[]at[)\]]|a c[oò]ng", redacted) is not None
    number = re.compile(r"\d+")
    own = Counter(number.findall(made.around))
    return bool(Counter(number.findall(redacted)) - own)


def measure(seed: int = SEED) -> Measured:
    """Redacts every made text once."""
    personal, clean = personal_texts(seed), clean_texts(seed)
    hidden = [(made, redact(made.text)) for made in personal]
    return Measured(
        personal=dict(Counter(made.kind for made in personal)),
        clean=len(clean),
        missed=[(made, left) for made, left in hidden if readable(made, left)],
        lost=[(made, left) for made, left in hidden if made.code not in left],
        changed=[(text, redact(text)) for text in clean if redact(text) != text],
    )


def main() -> None:
    found = measure()
    missed = Counter(made.kind for made, _ in found.missed)
    for kind, count in found.personal.items():
        print(f"{kind:<10} {count - missed[kind]:>4} of {count} hidden")
    print(f"recall {found.recall:.4f} of {sum(found.personal.values())} (at least {RECALL})")
    print(
        f"false positives {found.false_positives:.4f} of {found.clean} (at most {FALSE_POSITIVES})"
    )
    print(f"codes lost beside a detail: {len(found.lost)}")


if __name__ == "__main__":
    main()
