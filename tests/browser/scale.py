"""Measures `bottega view` on a large dataset: scale.py BOTTEGA DATASET.

Prints milliseconds until the address, until the first pictures, of queries as the server and as the
browser see them, of frames while scrolling, and the peak memory of the server.
"""

import json
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from chromium import browser, complaints, size, wait_for

PROGRAM, DATASET = sys.argv[1:3]

QUERIES = {
    "no filter, 5 facets": {"facets": ["framing", "age_bin", "skin_tone_mst", "body_presentation", "hair_type"]},
    "2 filters, 20 facets": {
        "filters": [{"column": "framing", "any": ["face"]}, {"column": "age_years", "from": 30, "to": 50}],
        "facets": ["framing", "age_bin", "age_years", "skin_tone_mst", "skin_ita_deg", "body_presentation", "hair_type",
                   "hair_style", "hair_color", "hair_length", "lighting_id", "lighting_kind", "light_ev", "pose_id",
                   "head_yaw_deg", "bmi", "height_m", "fg_fraction", "garments", "eyewear"],
    },
    "search in names": {"filters": [{"column": "search", "text": "00042"}]},
    "sorted by a number": {"sort": "bmi", "descending": True},
    "sorted by name": {"sort": "sample_id", "descending": True},
}

SCROLL = """
    const done = arguments[0];
    const node = document.getElementById("scroller");
    const times = [];
    let last = performance.now();
    const frame = (now) => {
      times.push(now - last);
      last = now;
      node.scrollTop += 300;
      if (times.length < 300) requestAnimationFrame(frame);
      else done(times.slice(1));
    };
    requestAnimationFrame(frame);
"""


def ask(url, wanted):
    """Milliseconds of a query as the server says, and as they pass here; nothing is kept between."""
    # Another filter each time, so that no kept answer is given again.
    query = {"limit": 200, **wanted}
    query["filters"] = query.get("filters", []) + [{"column": "index", "from": -1 - time.monotonic_ns() % 10**9}]
    start = time.perf_counter()
    with urllib.request.urlopen(f"{url}api/query?q={urllib.parse.quote(json.dumps(query))}") as response:
        body = json.load(response)
        server_ms = float(response.headers["server-timing"].split("dur=")[1])
    return server_ms, 1e3 * (time.perf_counter() - start), body


def memory_mb(pid, name):
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith(name))
    return int(line.split()[1]) / 1024


start = time.perf_counter()
server = subprocess.Popen([PROGRAM, "view", DATASET, "--port", "0"], stdout=subprocess.PIPE, text=True)
url = server.stdout.readline().strip()
print(f"address after {1e3 * (time.perf_counter() - start):.0f} ms")
urllib.request.urlopen(f"{url}api/schema").read()
print(f"all labels read after {1e3 * (time.perf_counter() - start):.0f} ms, {memory_mb(server.pid, 'VmRSS'):.0f} MB")
for name, wanted in QUERIES.items():
    runs = [ask(url, wanted) for _ in range(9)]
    medians = [statistics.median(run[i] for run in runs) for i in (0, 1)]
    print(f"{name}: {medians[0]:.1f} ms in the server, {medians[1]:.1f} ms at the client, {runs[0][2]['matched']} match")
with browser() as driver:
    size(driver, 1280, 900)
    start = time.perf_counter()
    driver.get(url)
    wait_for("pictures", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".tile.loaded")) > 8)
    print(f"page with pictures after {1e3 * (time.perf_counter() - start):.0f} ms")
    times = sorted(driver.execute_async_script(SCROLL))
    cells = len(driver.find_elements(By.CSS_SELECTOR, ".cell"))
    print(f"frames while scrolling: median {times[len(times) // 2]:.1f} ms, 95 % {times[len(times) * 95 // 100]:.1f} ms; {cells} cells in the document")
    size(driver, 390, 844)
    driver.get(f"{url}?size=l")
    wait_for("pictures", lambda: driver.find_elements(By.CSS_SELECTOR, ".tile.loaded"))
    height = driver.execute_script("return document.getElementById('canvas').offsetHeight")
    _, _, everything = ask(url, {})
    ActionChains(driver).send_keys(Keys.END).perform()
    last = f".cell.active[aria-posinset='{everything['total']}']"
    wait_for("the last sample", lambda: driver.find_elements(By.CSS_SELECTOR, last))
    driver.execute_script("document.getElementById('scroller').dispatchEvent(new WheelEvent('wheel', { deltaY: -400, cancelable: true }))")
    tops = "return [...document.querySelectorAll('.cell')].map((cell) => cell.getBoundingClientRect().top)"
    assert any(0 <= top < 844 for top in driver.execute_script(tops))
    print(f"one sample a row: {everything['total']} rows, {height} px high, the last is reached")
    assert not complaints(driver)
print(f"peak memory {memory_mb(server.pid, 'VmHWM'):.0f} MB")
server.terminate()
assert server.wait() == 0
