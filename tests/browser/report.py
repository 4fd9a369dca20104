"""Opens a report as a file, as people do: report.py FILE.html."""

import pathlib
import sys

from chromium import browser, complaints, media, requests, size, wait_for

PAGE = pathlib.Path(sys.argv[1]).resolve().as_uri()

MEASURE = """
    const charts = [...document.querySelectorAll("svg")].map((svg) => {
      const box = svg.getBoundingClientRect();
      const marks = [...svg.querySelectorAll("rect, circle, line, path, polyline")];
      const drawn = marks.filter((m) => {
        const b = m.getBoundingClientRect();
        return b.width > 0 || b.height > 0;
      });
      return { width: box.width, height: box.height, drawn: drawn.length };
    });
    const main = document.documentElement;
    const wide = [...document.querySelectorAll("main *")].filter((n) =>
      n.getBoundingClientRect().right > innerWidth + 1 && !n.closest(".scroll, .sheet, svg"));
    return {
      charts, overflow: main.scrollWidth - innerWidth, wide: wide.map((n) => n.outerHTML.slice(0, 120)),
      images: [...document.images].map((i) => i.naturalWidth),
      colors: [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color],
    };
"""

with browser() as driver:
    seen = {}
    for width, kind, scheme in [(1180, "", "light"), (390, "", "light"), (1180, "", "dark"), (390, "", "dark"), (1180, "print", "light")]:
        size(driver, width, 900, mobile=width < 500)
        media(driver, kind, scheme)
        driver.get(PAGE)
        wait_for("the page", lambda: driver.execute_script("return document.readyState") == "complete")
        found = driver.execute_script(MEASURE)
        name = (width, kind, scheme)
        assert len(found["charts"]) > 10, (name, len(found["charts"]))
        for chart in found["charts"]:
            assert chart["width"] > 100 and chart["height"] > 10 and chart["drawn"] > 0, (name, chart)
        assert found["images"] and all(found["images"]), (name, found["images"])
        assert found["overflow"] <= 0, (name, found["overflow"], found["wide"])
        seen[name] = found["colors"]
    assert seen[(1180, "", "light")] != seen[(1180, "", "dark")], seen
    assert seen[(1180, "print", "light")] == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], seen
    assert not complaints(driver)
    urls = requests(driver)
    assert urls and all(url == PAGE for url in urls), urls
print("the report works")
