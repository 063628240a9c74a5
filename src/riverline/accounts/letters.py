"""The mails that people get about their accounts, in Korean and English. Pure."""

from __future__ import annotations

UNKNOWN, TAKEN, CHANGED = "unknown", "taken", "changed"  # beside the purposes of links
IGNORE = {
    "en": "If you did not ask for this, ignore this mail: nothing happens.",
    "ko": "요청하신 적이 없다면 이 메일을 무시해 주세요. 아무 일도 일어나지 않습니다.",
}
LETTERS = {
    ("login", "en"): (
        "Log in to Riverline",
        "Open this address to log in. It works once, within {minutes} minutes.\n\n{address}",
    ),
    ("login", "ko"): (
        "Riverline 로그인",
        "아래 주소를 열면 로그인됩니다. {minutes}분 안에 한 번만 사용할 수 있습니다.\n\n{address}",
    ),
    ("join", "en"): (
        "Create your Riverline account",
        "Open this address to create your account. It works once, within {minutes} minutes.\n\n{address}",
    ),
    ("join", "ko"): (
        "Riverline 가입 확인",
        "아래 주소를 열면 계정이 만들어집니다. {minutes}분 안에 한 번만 사용할 수 있습니다.\n\n{address}",
    ),
    ("change", "en"): (
        "Confirm your new address",
        "Open this address to use this mailbox for your Riverline account from now on. It works once, within "
        "{minutes} minutes.\n\n{address}",
    ),
    ("change", "ko"): (
        "새 이메일 주소 확인",
        "아래 주소를 열면 이 이메일 주소가 Riverline 계정에 등록됩니다. {minutes}분 안에 한 번만 사용할 수 "
        "있습니다.\n\n{address}",
    ),
    ("changed", "en"): (
        "Your address was changed",
        "Your Riverline account has another e-mail address now: links to log in are mailed there. If it was not you, "
        "write to the operators of this site.\n\n{address}",
    ),
    ("changed", "ko"): (
        "이메일 주소가 변경되었습니다",
        "회원님의 Riverline 계정에 등록된 이메일 주소가 변경되어, 앞으로 로그인 링크는 새 주소로 보내 드립니다. 직접 "
        "변경하지 않으셨다면 사이트 운영자에게 알려 주세요.\n\n{address}",
    ),
    ("unknown", "en"): (
        "No Riverline account",
        "Somebody wanted to log in with this e-mail address, but it has no account. You can create one here:"
        "\n\n{address}",
    ),
    ("unknown", "ko"): (
        "Riverline 계정이 없습니다",
        "이 이메일 주소로 로그인하려는 요청이 있었지만 등록된 계정이 없습니다. 계정은 여기에서 만들 수 "
        "있습니다.\n\n{address}",
    ),
    ("taken", "en"): (
        "This address has an account already",
        "Somebody wanted to use this e-mail address for another Riverline account. It belongs to yours, so nothing was "
        "changed.\n\n{address}",
    ),
    ("taken", "ko"): (
        "이미 사용 중인 이메일 주소입니다",
        "이 이메일 주소를 다른 Riverline 계정에 등록하려는 요청이 있었습니다. 이미 회원님의 계정에 등록된 주소이므로 "
        "변경하지 않았습니다.\n\n{address}",
    ),
}


def letter(kind: str, language: str, address: str, minutes: int) -> tuple[str, str]:
    """Subject and text, in English where the language is another one."""
    spoken = language if language in IGNORE else "en"
    subject, text = LETTERS[kind, spoken]
    end = "" if kind == CHANGED else f"\n\n{IGNORE[spoken]}"
    return subject, f"{text.format(address=address, minutes=minutes)}{end}\n"
