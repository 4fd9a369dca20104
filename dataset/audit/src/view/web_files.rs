//! The page itself: the files of `web/`, inside the program.

use std::sync::OnceLock;

/// A file of the page.
#[derive(Debug)]
pub(super) struct WebFile {
    /// Name in the address.
    pub(super) name: &'static str,
    /// Media type.
    pub(super) media_type: &'static str,
    /// What it holds.
    pub(super) text: &'static str,
}

macro_rules! web_files {
    ($($name:literal: $media_type:literal,)*) => {
        /// Every file of the page but the first.
        pub(super) const WEB_FILES: &[WebFile] = &[
            $(WebFile {
                name: $name,
                media_type: $media_type,
                text: include_str!(concat!("web/", $name)),
            },)*
        ];
    };
}

web_files! {
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "main.js": "text/javascript; charset=utf-8",
    "api.js": "text/javascript; charset=utf-8",
    "state.js": "text/javascript; charset=utf-8",
    "dom.js": "text/javascript; charset=utf-8",
    "facets.js": "text/javascript; charset=utf-8",
    "chips.js": "text/javascript; charset=utf-8",
    "grid.js": "text/javascript; charset=utf-8",
    "sample.js": "text/javascript; charset=utf-8",
    "plane.js": "text/javascript; charset=utf-8",
    "panes.js": "text/javascript; charset=utf-8",
    "points.js": "text/javascript; charset=utf-8",
    "compare.js": "text/javascript; charset=utf-8",
    "cloud.js": "text/javascript; charset=utf-8",
    "matrix.js": "text/javascript; charset=utf-8",
    "labels.js": "text/javascript; charset=utf-8",
    "help.js": "text/javascript; charset=utf-8",
}

/// The first file of the page.
pub(super) const INDEX_HTML: &str = include_str!("web/index.html");

/// Changes with the files of the page.
pub(super) fn tag() -> &'static str {
    static TAG: OnceLock<String> = OnceLock::new();
    TAG.get_or_init(|| {
        let mut hasher = blake3::Hasher::new();
        for file in WEB_FILES {
            hasher.update(file.text.as_bytes());
        }
        format!("\"{}\"", &hasher.finalize().to_hex().as_str()[..16])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_no_other_host() {
        let texts = WEB_FILES.iter().map(|file| (file.name, file.text));
        for (name, text) in texts.chain([("index.html", INDEX_HTML)]) {
            for (at, _) in text.match_indices("://") {
                let is_namespace = text[..at].ends_with("http")
                    && text[at..].starts_with("://www.w3.org/2000/svg");
                assert!(is_namespace, "{name} at byte {at}");
            }
        }
    }
}
