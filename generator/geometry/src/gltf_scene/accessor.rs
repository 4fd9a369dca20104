//! Are the bytes there that the file says it has?
//!
//! The parser checks the document, not that accessors stay within their buffers; reading past the
//! end would stop the program.

use gltf::accessor::sparse;

use super::Parsed;

impl Parsed<'_> {
    /// Checks every accessor of the file against its buffer.
    pub(super) fn check_accessors(&self) -> Result<(), String> {
        for accessor in self.document.accessors() {
            let index = accessor.index();
            let wrong = |what: String| format!("accessor {index}: {what}");
            if let Some(view) = accessor.view() {
                self.check_view(&view, accessor.offset(), accessor.count(), accessor.size())
                    .map_err(wrong)?;
            } else if accessor.sparse().is_none() && accessor.count() != 0 {
                return Err(wrong("it has no data".into()));
            }
            if let Some(sparse) = accessor.sparse() {
                let (indices, values) = (sparse.indices(), sparse.values());
                let count = sparse.count();
                let size = match indices.index_type() {
                    sparse::IndexType::U8 => 1,
                    sparse::IndexType::U16 => 2,
                    sparse::IndexType::U32 => 4,
                };
                self.check_view(&indices.view(), indices.offset(), count, size)
                    .map_err(wrong)?;
                self.check_view(&values.view(), values.offset(), count, accessor.size())
                    .map_err(wrong)?;
                if accessor.count() < count {
                    return Err(wrong("it replaces more elements than it has".into()));
                }
            }
        }
        Ok(())
    }

    fn check_view(
        &self,
        view: &gltf::buffer::View<'_>,
        offset: usize,
        count: usize,
        size: usize,
    ) -> Result<(), String> {
        let length = self.buffers.get(view.buffer().index()).map_or(0, Vec::len);
        let view_end = view.offset().checked_add(view.length());
        if view_end.is_none_or(|end| length < end) {
            return Err(format!("its view ends beyond its buffer of {length} bytes"));
        }
        let stride = view.stride().unwrap_or(size);
        if stride < size {
            return Err(format!(
                "its elements of {size} bytes are {stride} bytes apart"
            ));
        }
        let span = match count {
            0 => Some(0),
            _ => stride
                .checked_mul(count - 1)
                .and_then(|span| span.checked_add(size)),
        };
        let end = span.and_then(|span| span.checked_add(offset));
        if end.is_none_or(|end| view.length() < end) {
            let have = view.length();
            return Err(format!(
                "its {count} elements do not fit a view of {have} bytes"
            ));
        }
        Ok(())
    }
}
