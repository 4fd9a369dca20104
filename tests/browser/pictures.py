"""Takes the pictures of docs/viewer.md: pictures.py URL SAMPLE OTHER OUT."""

import pathlib
import sys

from selenium.webdriver.common.by import By

from chromium import browser, complaints, media, size, wait_for

URL, SAMPLE, OTHER, OUT = sys.argv[1:5]

PICTURES = {
    "view-grid": ("?", 1280, 800, "light", 1, ".tile.loaded"),
    "view-sample": (f"?sample={SAMPLE}", 1280, 800, "light", 1, ".pane:not(.waiting) canvas"),
    "view-cloud": (f"?sample={SAMPLE}&tab=cloud", 1280, 720, "dark", 1, "canvas.cloud"),
    "view-compare": (f"?sample={SAMPLE}&tab=compare&with={OTHER}", 1280, 800, "light", 1, "#panel-compare tbody tr"),
    "view-scene": (f"?sample={SAMPLE}&tab=scene", 1280, 800, "dark", 1, ".scene"),
    "view-phone": ("?", 390, 780, "dark", 2, ".tile.loaded"),
    "view-phone-sample": (f"?sample={SAMPLE}", 390, 780, "light", 2, ".pane:not(.waiting) canvas"),
}

TURN = """
    const cloud = document.querySelector("canvas.cloud");
    for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"]) {
      cloud.dispatchEvent(new KeyboardEvent("keydown", { key }));
    }
"""

with browser() as driver:
    for name, (address, width, height, scheme, scale, ready) in PICTURES.items():
        size(driver, width, height, scale, width < 500)
        media(driver, scheme=scheme)
        driver.get(URL + address)
        wait_for(name, lambda: driver.find_elements(By.CSS_SELECTOR, ready))
        driver.execute_async_script("setTimeout(arguments[0], 1500)")
        if "cloud" in name:
            driver.execute_script(TURN)
        driver.save_screenshot(str(pathlib.Path(OUT) / f"{name}.png"))
    assert not complaints(driver)
