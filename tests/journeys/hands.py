"""How somebody answers a page: with a pointer, or with the keyboard alone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.journeys.visitor import Visitor

KIND = "(each) => each.type"
CHOSEN = "(each) => each.selectedOptions[0].text"


class Pointer:
    """A finger or a mouse for what is chosen and pressed; fields are filled in at once."""

    def __init__(self, visitor: Visitor, tab: Page | None = None) -> None:
        self.page = tab or visitor.page

    def enter(self, label: str, text: str) -> None:
        """Text for a field, the beginning of an option for a list; a choice is made by its label alone."""
        control = labelled(self.page.locator("main"), label)
        match control.evaluate(KIND):
            case "radio" | "checkbox":
                self.page.locator("main label").filter(has_text=begins_with(label)).click()
            case "select-one":
                control.select_option(label=option(control, text))
            case _:
                control.fill(text)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()


class Keys:
    """Tab, the arrows, Space, Enter, and what is typed."""

    def __init__(self, visitor: Visitor) -> None:
        self.page, self._visitor = visitor.page, visitor

    def enter(self, label: str, text: str) -> None:
        """The same. Tab selects what stands in a field, so that typing replaces it."""
        control = labelled(self.page.locator("main"), label)
        match control.evaluate(KIND):
            case "radio":
                self._choose(control)
            case "checkbox":
                self._visitor.tab_to(control)
                self.page.keyboard.press("Space")
            case "select-one":
                self._visitor.tab_to(control)
                while not control.evaluate(CHOSEN).startswith(text):
                    self.page.keyboard.press("ArrowDown")
            case _:
                self._visitor.tab_to(control)
                self.page.keyboard.type(text)

    def press(self, name: str) -> None:
        self._enter_on(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self._enter_on(self.page.get_by_role("link", name=name, exact=True).first)

    def _choose(self, wanted: Locator) -> None:
        """Tab stops at a group of choices once: at what is chosen, or at the first. The arrows go on from there."""
        group = self.page.locator(f"input[name={wanted.get_attribute('name')}]")
        chosen = group.and_(self.page.locator(":checked"))
        self._visitor.tab_to(chosen if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        while not wanted.is_checked():
            self.page.keyboard.press("ArrowDown")

    def _enter_on(self, wanted: Locator) -> None:
        self._visitor.tab_to(wanted)
        self.page.keyboard.press("Enter")


Hands = Pointer | Keys


def labelled(where: Locator, label: str) -> Locator:
    """The control whose label begins like this: a choice's label goes on with what the choice means."""
    control = where.get_by_label(begins_with(label)).and_(where.locator("input, select, textarea"))
    expect(control).to_have_count(1)
    return control


def begins_with(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}")


def option(control: Locator, text: str) -> str:
    """The whole text of the option that begins like this."""
    return next(each for each in control.locator("option").all_inner_texts() if each.startswith(text))
