"""A headless Chromium for the tests of what people see: its start, its log, and small helpers."""

import json
import shutil
import os
import sys
import tempfile
import time
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
HINT = (
    "the browser tests need Chromium and its driver; on Debian: "
    "apt-get install chromium chromium-driver (BOTTEGA_CHROMIUM and BOTTEGA_CHROMEDRIVER name others)"
)

ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]


def found(variable, names):
    """A program that a variable names, or the first of these that is installed."""
    paths = [os.environ.get(variable)] + [shutil.which(name) for name in names]
    path = next((path for path in paths if path), None)
    if path is None:
        sys.exit(HINT)
    return path


@contextmanager
def browser(width=1280, height=900):
    """A fresh browser with an empty profile."""
    options = Options()
    options.binary_location = found("BOTTEGA_CHROMIUM", BROWSERS)
    for argument in ARGUMENTS + [f"--window-size={width},{height}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(executable_path=found("BOTTEGA_CHROMEDRIVER", ["chromedriver"]))
    with tempfile.TemporaryDirectory() as profile:
        options.add_argument(f"--user-data-dir={profile}")
        options.add_argument("about:blank")
        driver = webdriver.Chrome(options=options, service=service)
        driver.set_script_timeout(60)
        try:
            yield driver
        finally:
            driver.quit()


def size(driver, width, height, scale=1, mobile=False):
    """Makes the window of the page exactly this large."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile,
    })


def media(driver, kind="", scheme="light"):
    """Emulates print or screen, and the scheme of colours."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "media": kind, "features": [{"name": "prefers-color-scheme", "value": scheme}],
    })


def wait_for(what, condition, seconds=30):
    """Waits until a condition holds, and returns what it gave."""
    end = time.monotonic() + seconds
    error = None
    while time.monotonic() < end:
        try:
            result = condition()
            if result:
                return result
        except Exception as caught:  # The page is still changing.
            error = caught
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}; last error: {error}")


def complaints(driver):
    """What the page wrote to its console as warnings and errors since the last call."""
    # SwiftShader warns about its own speed when a drawing is read back.
    ours = lambda text: "GPU stall due to ReadPixels" not in text and "WebGL-" not in text
    return [
        entry["message"] for entry in driver.get_log("browser")
        if entry["level"] in ("SEVERE", "WARNING") and ours(entry["message"])
    ]


def requests(driver):
    """Addresses that pages asked for since the last call; those of the browser's own are no page's."""
    urls = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            urls.append(message["params"]["request"]["url"])
    return [url for url in urls if not url.startswith(("chrome://", "chrome-untrusted://", "data:", "blob:"))]


def canvas_colors(driver, selector):
    """Number of different colours on a canvas of the page, of up to 4000 places."""
    return driver.execute_script("""
        const canvas = document.querySelector(arguments[0]);
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const context = copy.getContext("2d");
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, copy.width, copy.height);
        const step = 4 * Math.max(1, Math.floor(data.length / 4 / 4000));
        const colors = new Set();
        for (let i = 0; i < data.length; i += step) colors.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
        return colors.size;
    """, selector)
