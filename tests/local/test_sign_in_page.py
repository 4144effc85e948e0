"""The laptop's sign-in page offers the demo users, and shows whatever was sent as text."""

from local.demo_users import DEMO_USERS
from local.sign_in_page import DEMO_USERS as OFFERED
from local.sign_in_page import sign_in_page


def test_demo_users_are_offered_by_name() -> None:
    assert sorted(OFFERED) == sorted(user.name for user in DEMO_USERS)
    page = sign_in_page({}, {"viewer": ["viewer"], "somebody": ["viewer"]}, wrong=False)
    assert 'value="viewer"' in page
    assert "somebody" not in page


def test_fields_are_escaped() -> None:
    page = sign_in_page({"state": '"><script>'}, {}, wrong=True)
    assert "<script>" not in page
    assert "Nome ou senha não conferem." in page
