//! ZIP archives: members are read one by one without unpacking, and written so that the bytes
//! depend on names and contents alone.
//!
//! After PKWARE's APPNOTE 6.3.10. Archives of any size are read (ZIP64); members may be stored or
//! deflated, which is all that archives of pictures use.

mod read;
mod write;

pub(crate) use read::{ZipMember, ZipReader};
pub(crate) use write::ZipWriter;
