"""Clicks through `bottega view` as a person would: viewer.py URL DATASET BROKEN_URL."""

import glob
import io
import json
import math
import os
import sys
import urllib.parse

import cv2
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from chromium import browser, canvas_colors, complaints, media, requests, size, wait_for

URL, DATASET, BROKEN_URL = sys.argv[1:4]

LABELS = ["sample_id", "framing", "age_years", "skin_tone_mst", "hair_color"]
shards = sorted(glob.glob(os.path.join(DATASET, "data", "*.parquet")))
table = pq.read_table(shards, columns=LABELS)


def stored_depth(sample_id):
    """Depth of a sample as OpenCV reads it from the shard."""
    for shard in shards:
        rows = pq.read_table(shard, columns=["sample_id", "depth_exr"]).to_pylist()
        for row in rows:
            if row["sample_id"] == sample_id:
                path = os.path.join(os.environ["TMPDIR_OF_TEST"], "depth.exr")
                with open(path, "wb") as file:
                    file.write(row["depth_exr"])
                return cv2.imread(path, cv2.IMREAD_UNCHANGED)
    raise AssertionError(f"no sample {sample_id}")


def text(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector).text


def press(driver, *keys):
    ActionChains(driver).send_keys(*keys).perform()


def count_is(driver, n):
    wait_for(f"the count {n}", lambda: text(driver, "#count").startswith(f"{n} "))


def grid(driver):
    driver.get(URL)
    count_is(driver, table.num_rows)
    wait_for("pictures", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".tile.loaded")) > 8)
    assert not driver.find_elements(By.CSS_SELECTOR, ".tile.broken")
    widths = driver.execute_script(
        "return [...document.querySelectorAll('.tile.loaded img')].map((img) => img.naturalWidth)")
    assert all(width > 0 for width in widths), widths
    # What is far below is not in the document.
    assert len(driver.find_elements(By.CSS_SELECTOR, ".cell")) < table.num_rows
    name = text(driver, ".cell .name")
    assert name == table["sample_id"][0].as_py(), name


def filters(driver):
    words = driver.find_elements(By.CSS_SELECTOR, "[data-column=framing] li")
    label = next(word for word in words if word.text.startswith("face"))
    n_face = pc.sum(pc.equal(table["framing"], "face")).as_py()
    assert label.text.split()[-1] == str(n_face), label.text
    label.find_element(By.TAG_NAME, "input").click()
    count_is(driver, n_face)
    assert "is.framing=face" in driver.current_url
    assert "framing" in text(driver, "#chips") and "face" in text(driver, "#chips")
    # The counts beside the filter are those without it.
    other = driver.find_elements(By.CSS_SELECTOR, "[data-column=framing] li")[1]
    n_upper = pc.sum(pc.equal(table["framing"], "upper_body")).as_py()
    wait_for("counts", lambda: other.text.split()[-1] == str(n_upper))

    box = driver.find_element(By.CSS_SELECTOR, "[data-column=age_years]")
    box.find_element(By.TAG_NAME, "summary").click()
    low = wait_for("bounds", lambda: box.find_element(By.CSS_SELECTOR, "input[type=number]"))
    low.send_keys("40", Keys.TAB)
    both = pc.and_(pc.equal(table["framing"], "face"), pc.greater_equal(table["age_years"], 40))
    n_both = pc.sum(both).as_py()
    assert 0 < n_both < n_face
    count_is(driver, n_both)
    assert "num.age_years=40.." in driver.current_url

    # A deep link shows the same again; the back button takes the last filter away.
    driver.refresh()
    count_is(driver, n_both)
    driver.back()
    count_is(driver, n_face)
    driver.find_element(By.CSS_SELECTOR, "#chips .chip button").click()
    count_is(driver, table.num_rows)

    # A click on a histogram chooses a bar; the answer is what the numbers say.
    drawing = wait_for("a histogram", lambda: driver.find_element(By.CSS_SELECTOR, "[data-column=age_years] svg"))
    ActionChains(driver).move_to_element_with_offset(drawing, 10, 5).click().perform()
    wait_for("a range", lambda: "num.age_years" in driver.current_url)
    query = urllib.parse.parse_qs(urllib.parse.urlparse(driver.current_url).query)
    low, high = query["num.age_years"][0].split("..")
    ages = table["age_years"]
    inside = pc.and_(pc.greater_equal(ages, float(low or "-inf")), pc.less_equal(ages, float(high or "inf")))
    n_inside = pc.sum(inside).as_py()
    wait_for("the count of a bar", lambda: text(driver, "#count").split()[0] in (str(n_inside), "None"))
    driver.find_element(By.CSS_SELECTOR, "#chips .chip button").click()
    count_is(driver, table.num_rows)

    press(driver, "/")
    driver.switch_to.active_element.send_keys("000001")
    found = [name for name in table["sample_id"].to_pylist() if "000001" in name]
    count_is(driver, len(found))
    driver.find_element(By.CSS_SELECTOR, "#chips .chip button").click()
    count_is(driver, table.num_rows)


def order(driver):
    select = driver.find_element(By.ID, "sort")
    select.find_element(By.CSS_SELECTOR, "option[value=age_years]").click()
    driver.find_element(By.ID, "direction").click()
    oldest = table.sort_by([("age_years", "descending")])["sample_id"][0].as_py()
    first = lambda: min(
        driver.find_elements(By.CSS_SELECTOR, ".cell"), key=lambda cell: (cell.location["y"], cell.location["x"]))
    wait_for("the oldest first", lambda: first().find_element(By.CSS_SELECTOR, ".name").text == oldest)
    assert "sort=-age_years" in driver.current_url
    driver.get(URL)
    count_is(driver, table.num_rows)


def keys_and_sample(driver):
    wait_for("pictures", lambda: driver.find_elements(By.CSS_SELECTOR, ".tile.loaded"))
    press(driver, Keys.ARROW_RIGHT, "j", Keys.ENTER)
    third = table["sample_id"][2].as_py()
    wait_for("the third sample", lambda: text(driver, ".sample-head h2") == third)
    wait_for("planes", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".pane:not(.waiting) canvas")) == 4)
    for i in range(4):
        selector = f".pane:nth-child({i + 1}) canvas"
        assert canvas_colors(driver, selector) > 4, f"plane {i} is blank"

    # The value under the cursor is the value in the file.
    depth = stored_depth(third)
    height, width = depth.shape
    finite = np.argwhere(np.isfinite(depth))
    y, x = (int(v) for v in finite[len(finite) // 2])
    window = driver.find_element(By.CSS_SELECTOR, "[data-plane=Depth] .window")
    # Offsets are from the middle of the element.
    dx = round((x + 0.5) / width * window.rect["width"] - window.rect["width"] / 2)
    dy = round((y + 0.5) / height * window.rect["height"] - window.rect["height"] / 2)
    ActionChains(driver).move_to_element_with_offset(window, dx, dy).perform()
    cursor = wait_for("a cursor", lambda: text(driver, ".cursor").startswith("column") and text(driver, ".cursor"))
    x, y = (int(part.split()[1]) for part in cursor.split(", "))
    shown = text(driver, "[data-plane=Depth] .under")
    assert shown == f"{depth[y, x]:.4f} m", (shown, depth[y, x])
    assert "R " in text(driver, "[data-plane=Picture] .under")
    assert "of 255" in text(driver, "[data-plane=Alpha] .under")
    assert "X " in text(driver, "[data-plane=Normals] .under")
    ActionChains(driver).move_to_element_with_offset(window, 2 - int(window.rect["width"] / 2), 2 - int(window.rect["height"] / 2)).perform()
    assert math.isinf(depth[0, 0])
    wait_for("no surface", lambda: text(driver, "[data-plane=Depth] .under") == "no surface")

    # One zoom for all planes.
    press(driver, "+", "+")
    transforms = driver.execute_script(
        "return [...document.querySelectorAll('.pane canvas')].map((c) => c.style.transform)")
    assert len(set(transforms)) == 1 and "scale(2.25)" in transforms[0], transforms
    press(driver, "0")

    # Every plane that the dataset has can be shown.
    boxes = driver.find_elements(By.CSS_SELECTOR, ".choice input")
    assert len(boxes) > 20, len(boxes)
    for i in range(4, len(boxes)):
        driver.find_elements(By.CSS_SELECTOR, ".choice input")[i].click()
    n_panes = len(boxes)
    wait_for("every plane", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".pane:not(.waiting) canvas")) == n_panes)
    assert not driver.find_elements(By.CSS_SELECTOR, ".pane .error")
    assert "planes=" in driver.current_url

    # The colours of depth change with the range.
    driver.get(f"{URL}?sample={third}&range=0.1..9")
    wait_for("planes", lambda: len(driver.find_elements(By.CSS_SELECTOR, ".pane:not(.waiting) canvas")) == 4)
    wait_for("the range", lambda: text(driver, ".ends") == "0.1 to 9 m")

    press(driver, "j")
    fourth = table["sample_id"][3].as_py()
    wait_for("the fourth sample", lambda: text(driver, ".sample-head h2") == fourth)
    press(driver, Keys.ARROW_LEFT)
    wait_for("the third again", lambda: text(driver, ".sample-head h2") == third)
    wait_for("its place", lambda: text(driver, ".sample-head p").startswith(f"3 of {table.num_rows}"))

    # Labels: a value leads to all samples that share it.
    tone = table["skin_tone_mst"][2].as_py()
    same = pc.sum(pc.equal(table["skin_tone_mst"], tone)).as_py()
    row = next(row for row in driver.find_elements(By.CSS_SELECTOR, ".labels tr") if row.text.startswith("skin tone mst"))
    row.find_element(By.TAG_NAME, "button").click()
    count_is(driver, same)
    driver.back()
    wait_for("the sample", lambda: text(driver, ".sample-head h2") == third)
    return third, fourth


def cloud(driver, sample):
    press(driver, "3")
    wait_for("points", lambda: "points" in text(driver, "#panel-cloud [role=status]"))
    n_points = int(text(driver, "#panel-cloud [role=status]").split()[0].replace(",", ""))
    assert n_points == int(np.isfinite(stored_depth(sample)).sum())
    drawn = wait_for("drawn points", lambda: canvas_colors(driver, "canvas.cloud"))
    assert drawn > 20, drawn
    before = driver.execute_script("return document.querySelector('canvas.cloud').toDataURL()")
    canvas = driver.find_element(By.CSS_SELECTOR, "canvas.cloud")
    ActionChains(driver).move_to_element(canvas).click_and_hold().move_by_offset(120, 40).release().perform()
    after = driver.execute_script("return document.querySelector('canvas.cloud').toDataURL()")
    assert before != after, "the cloud does not turn"
    driver.find_element(By.CSS_SELECTOR, "#panel-cloud option[value=normal]").click()
    wait_for("the colours of normals", lambda: "color=normal" in driver.current_url)
    other = lambda: driver.execute_script("return document.querySelector('canvas.cloud').toDataURL()") != after
    wait_for("other colours", other)
    # The list has the keys until it is left.
    press(driver, Keys.ESCAPE)


def compare(driver, first, second):
    press(driver, "c")
    driver.find_element(By.XPATH, "//button[contains(text(), 'next')]").click()
    wait_for("the other", lambda: f"with={second}" in driver.current_url)
    wait_for("three panes", lambda: len(driver.find_elements(By.CSS_SELECTOR, "#panel-compare .pane:not(.waiting) canvas")) == 3)
    a, b = stored_depth(first), stored_depth(second)
    both = np.isfinite(a) & np.isfinite(b)
    row = wait_for("numbers", lambda: next(
        row for row in driver.find_elements(By.CSS_SELECTOR, "#panel-compare tbody tr") if row.text.startswith("Depth")))
    cells = [cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
    assert cells[0] == f"{int(both.sum()):,}", cells
    mean = (b[both].astype("f8") - a[both].astype("f8")).mean()
    assert abs(float(cells[4].replace("−", "-")) - mean) < 1e-3 * abs(mean) + 1e-9, (cells, mean)
    assert canvas_colors(driver, "#panel-compare .pane:nth-child(3) canvas") > 4


def scene(driver, sample):
    press(driver, "4")
    command = wait_for("a command", lambda: text(driver, "#panel-scene .command code"))
    assert command.startswith("bottega inspect ") and "--scene | bottega render - --out" in command, command
    assert '"index": 2' in text(driver, ".scene"), text(driver, ".scene")
    # The whole page comes back from its address.
    address = driver.current_url
    driver.refresh()
    wait_for("the same page", lambda: text(driver, ".sample-head h2") == sample)
    wait_for("the same tab", lambda: text(driver, "#panel-scene .command code") == command)
    assert driver.current_url == address
    press(driver, Keys.ESCAPE)
    count_is(driver, table.num_rows)


def shapes_and_schemes(driver):
    for width, height in [(1280, 900), (390, 844)]:
        size(driver, width, height, mobile=width < 500)
        for address in [URL, f"{URL}?sample={table['sample_id'][0].as_py()}"]:
            for tab in ["planes", "compare", "cloud", "scene"]:
                driver.get(f"{address}{'&' if '?' in address else '?'}tab={tab}")
                count = lambda: driver.find_elements(By.CSS_SELECTOR, ".tile.loaded, .labels tr")
                wait_for("content", count)
                wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (width, address, tab, wide)
    driver.get(URL)
    button = driver.find_element(By.ID, "toggle-facets")
    assert button.is_displayed()
    button.click()
    wait_for("filters", lambda: driver.find_element(By.ID, "facets").is_displayed())
    size(driver, 1280, 900)
    paper = lambda: driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    media(driver, scheme="dark")
    dark = paper()
    media(driver, scheme="light")
    assert dark != paper(), dark
    driver.get(URL)
    wait_for("the page", lambda: text(driver, "#count"))
    press(driver, "?")
    assert wait_for("help", lambda: driver.find_element(By.CSS_SELECTOR, "dialog[open]").is_displayed())
    press(driver, Keys.ESCAPE)


def names(driver):
    """What a screen reader is told: every control has a name, every picture a text."""
    for address in [URL, f"{URL}?sample={table['sample_id'][0].as_py()}"]:
        driver.get(address)
        wait_for("content", lambda: driver.find_elements(By.CSS_SELECTOR, ".tile.loaded, .labels tr"))
        nameless = driver.execute_script("""
            const named = (n) => n.getAttribute("aria-label") || n.textContent.trim() || n.labels?.length
              || n.title || n.closest("label");
            return [...document.querySelectorAll("button, a[href], input, select")]
              .filter((n) => n.checkVisibility() && !named(n)).map((n) => n.outerHTML);
        """)
        assert not nameless, nameless
        bare = driver.execute_script(
            "return [...document.images].filter((i) => i.getAttribute('src') && !i.alt).length")
        assert bare == 0


def broken(driver):
    driver.get(BROKEN_URL)
    wait_for("samples", lambda: "samples" in text(driver, "#count"))
    notice = driver.find_element(By.CSS_SELECTOR, ".notice")
    assert "1 of 3 shards cannot be shown" in notice.text, notice.text
    notice.find_element(By.TAG_NAME, "summary").click()
    assert "data/train-00001.parquet" in notice.text
    driver.get(f"{BROKEN_URL}?sample=ball-0000000&tab=nonsense&size=nonsense&tile=nonsense&color=nonsense")
    wait_for("planes all the same", lambda: driver.find_element(By.CSS_SELECTOR, "#panel-planes canvas").is_displayed())
    driver.get(f"{BROKEN_URL}?sample=nobody")
    wait_for("an error", lambda: "no sample is called" in text(driver, ".sample-head p"))
    driver.get(f"{BROKEN_URL}?is.framing=nobody")
    wait_for("nothing", lambda: text(driver, "#count").startswith("None of"))
    # The server's refusals are told on the console by the browser itself.
    other = [line for line in complaints(driver) if "404" not in line]
    assert not other, other


with browser() as driver:
    size(driver, 1280, 900)
    for step in [grid, filters, order]:
        step(driver)
    third, fourth = keys_and_sample(driver)
    cloud(driver, third)
    compare(driver, third, fourth)
    scene(driver, third)
    shapes_and_schemes(driver)
    names(driver)
    found = complaints(driver)
    assert not found, found
    host = urllib.parse.urlparse(URL).netloc
    foreign = [url for url in requests(driver) if urllib.parse.urlparse(url).netloc not in ("", host)]
    assert not foreign, foreign
    broken(driver)
print("the viewer works")
